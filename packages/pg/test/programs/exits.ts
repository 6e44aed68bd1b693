// Ends by itself if nothing of ours keeps the process alive. Arguments: a URL, and what might.
import { PgRoundRobin } from '../../src/index.ts'

const [url = '', what] = process.argv.slice(2)
const rr = new PgRoundRobin([url], { heartbeatMs: 600_000, pool: { allowExitOnIdle: what === 'an idle pool' } })

if (what === 'its own session') await rr.connect()
else await rr.query('select 1')
if (what === 'a pool that was ended') await rr.pool().end()
if (what === 'a listener that was closed') {
  const listening = await rr.listen('news', () => {})
  await listening.close()
  await rr.pool().end()
}
if (what === 'what was closed') {
  await rr.listen('news', () => {})
  const client = new rr.Client()
  await client.connect()
  await rr.pool().connect()
  await rr.close({ drainMs: 0 })
}
process.stdout.write('done')
