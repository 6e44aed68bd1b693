import { type Pg, poolsOf } from './kinds.ts'

// A process of its own, for what ends one, or does not: `node --import tsx exit.ts <driver> <subject> <what> <url>`.

const [driver, name, what, url] = process.argv.slice(2) as [string, string, keyof typeof lives, string]
const { default: pg } = (await import(driver)) as { readonly default: Pg }
const subject = poolsOf(pg).find((each) => each.name === name)
if (!subject) throw new Error(`there is no ${name}`)
const pool = (config: object = {}) => subject.open(url, config).pool

type Inside = { readonly processID: number; readonly connection: { readonly stream: NodeJS.EventEmitter } }

/** Ends a session from another, and tells when this one knows: the driver has listened to its stream before. */
async function terminate(client: object): Promise<void> {
  const { processID, connection } = client as Inside
  const closed = new Promise((resolve) => connection.stream.once('close', resolve))
  await pool().query('select pg_terminate_backend($1)', [processID])
  await closed
}

const lives = {
  async allowExitOnIdle() {
    await pool({ allowExitOnIdle: true, idleTimeoutMillis: 60_000 }).query('select 1')
    console.log('queried')
  },
  async allowExitOnIdleCheckedOut() {
    const client = await pool({ allowExitOnIdle: true }).connect()
    console.log((await client.query('select pg_sleep(0.1), 1 as n')).rows[0].n)
    client.release()
  },
  async ended() {
    const own = pool()
    await own.query('select 1')
    await own.end()
    console.log('ended')
  },
  async idle() {
    await pool({ idleTimeoutMillis: 60_000 }).query('select 1')
    console.log('queried')
  },
  async idleLost() {
    const own = pool()
    const client = await own.connect()
    client.release()
    await terminate(client)
    console.log((await own.query('select 1 as n')).rows)
    process.exit()
  },
  async checkedOutLost() {
    const own = pool()
    const client = await own.connect()
    await terminate(client)
    console.log(await client.query('select 1').catch(({ message }) => message))
    process.exit()
  },
  async unsendable() {
    const value = {
      toPostgres() {
        throw new Error('not today')
      },
    }
    const own = pool()
    console.log(await own.query('select $1::text', [value]).catch(({ message }) => message))
    console.log((await own.query('select pg_sleep(0.1), 1 as n')).rows[0].n)
    process.exit()
  },
  async listenedTo() {
    const own = pool()
    own.on('error', (error: Error & { code?: string }) => console.log('error', error.code))
    const client = await own.connect()
    client.release()
    await terminate(client)
    process.exit()
  },
}

await lives[what]()
