import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type PostgresPair, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'

const ours = new URL('../../src/index.ts', import.meta.url)

const plainPool = `
import pg from 'pg'
const pool = new pg.Pool({ connectionString: process.env.PRIMARY })`
const failoverPool = `
import { PgRoundRobin } from '${ours}'
const rr = new PgRoundRobin([process.env.PRIMARY, process.env.STANDBY], { targetSessionAttrs: 'read-write' })
const pool = rr.pool()`
/** Has one client that lies idle, and another that is checked out; writes from four places when it is told to, until that works. */
const program = `
await pool.connect()
await pool.query('create table notes (note text)')
console.log('is ready')
async function write() {
  for (let failures = 1; ; failures++) {
    try {
      const client = await pool.connect()
      await client.query("insert into notes values ('written')").finally(() => client.release())
      console.log('has written')
      process.exit()
    } catch {
      if (failures === 2) console.log('has failed') // and again, at once
    }
  }
}
process.stdin.on('data', () => {
  for (let writers = 0; writers < 4; writers++) write()
})`

/** Runs the program in a process of its own, through a failover. */
async function runThrough({ primary, standby }: PostgresPair, pool: string) {
  const env = { ...process.env, PRIMARY: primary.url, STANDBY: standby.url }
  const args = ['--conditions', 'development', '--import', import.meta.resolve('tsx'), '--input-type=module']
  const child = spawn(process.execPath, [...args, '-e', pool + program], {
    env,
    cwd: import.meta.dirname,
    timeout: 50_000,
    killSignal: 'SIGKILL',
  })
  const ended = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  child.stdin.on('error', () => {}) // the process may have ended
  await waitFor(() => output.includes('is ready'), { timeoutMs: 40_000 })
  await primary.kill()
  child.stdin.write('go on')
  await waitFor(() => output.includes('has failed') || child.exitCode !== null)
  await standby.promote()
  const [code] = await ended
  return { code, output }
}

describe('a program with an idle client and one that is checked out, which handles no error event', () => {
  it('dies with its server on a plain pg.Pool', async () => {
    await using pair = await startPostgresPair({ synchronous: true })
    const { code, output } = await runThrough(pair, plainPool)
    expect(code).toBe(1)
    expect(output).toContain("Unhandled 'error' event")
  })

  it('goes on with the next server on rr.pool()', async () => {
    await using pair = await startPostgresPair({ synchronous: true })
    const { code, output } = await runThrough(pair, failoverPool)
    expect(output).toMatch(/^is ready\n(has failed\n)+has written\n$/)
    expect(code).toBe(0)
    expect(await pair.standby.query('select distinct note from notes')).toEqual([['written']])
  })
})
