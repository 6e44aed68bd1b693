// What an attack on the guarantees has found: each of these broke one.
import { OutcomeUnknownError } from '@tourniquet/core'
import { waitFor } from '@tourniquet/testkit'
import pg, { type Client } from 'pg'
import { expect, it } from 'vitest'
import { type Heard, PgConnector, PgRoundRobin } from '../src/index.ts'
import { sessionClass } from '../src/session.ts'
import { atGate, ended, idsIn, pair, shutGate, twoServers, urlOf } from './two-servers.ts'

const full = "create function full() returns void language plpgsql as $$ begin raise sqlstate '53100'; end $$"

it('G6 a procedure that has committed is not called again where it failed after that', async () => {
  await using servers = await twoServers()
  const { rr, a, b } = servers
  for (const server of [a, b]) {
    await server.query(
      "create procedure p() language plpgsql as $$ begin insert into t values ('once'); commit; raise sqlstate '53100'; end $$",
    )
  }
  expect((await ended(rr.query('call p()'))).error).toBeInstanceOf(OutcomeUnknownError)
  expect([await idsIn(a), await idsIn(b)]).toEqual([['once'], []])
})

it('G6 of transactions that lose a frozen server together, those that were committing are not run again', async () => {
  await using servers = await twoServers({ heartbeatMs: 100, probeTimeoutMs: 1000 })
  const { rr, a, b, proxyA } = servers
  for (const server of [a, b]) {
    await server.query(
      `create function slow() returns trigger language plpgsql as $$ begin perform ${atGate}; return null; end $$; create constraint trigger slow after insert on t deferrable initially deferred for each row when (new.id = 'slow') execute function slow()`,
    )
  }
  await using gate = await shutGate(a)
  const five = [1, 2, 3, 4, 5]
  const committing: ReturnType<typeof ended>[] = []
  const working: ReturnType<typeof ended>[] = []
  for (const _ of five) {
    working.push(ended(rr.transaction((client) => client.query(`insert into t select 'other' from ${atGate}`))))
    committing.push(ended(rr.transaction((client) => client.query("insert into t values ('slow')"))))
  }
  await gate.waiting(10) // five of them in their commit
  await proxyA.freeze()
  const errors = (await Promise.all(committing)).map(({ error }) => error)
  expect(errors).toEqual(five.map(() => expect.any(OutcomeUnknownError)))
  expect((await Promise.all(working)).map(({ error }) => error)).toEqual(five.map(() => undefined))
  expect(await idsIn(b)).toEqual(five.map(() => 'other'))
})

it('G6 a statement that was still under way when its run failed is not sent to the next server, too', async () => {
  await using servers = await twoServers()
  const { rr, a, b } = servers
  for (const server of [a, b]) await server.query(full)
  const both = rr.run((client) =>
    Promise.all([client.query('select full()'), client.query("insert into t values ('once')").catch(() => {})]),
  )
  expect((await ended(both)).error).toBeInstanceOf(OutcomeUnknownError)
  await rr.close()
  expect(await idsIn(b)).toEqual([])
  expect((await idsIn(a)).length).toBeLessThanOrEqual(1)
})

it('a statement is not run in a transaction that somebody has left open', async () => {
  await using servers = await twoServers({ pool: { max: 1 } })
  const { rr, pool, a } = servers
  const client = await pool.connect()
  await client.query('begin')
  client.release()
  await rr.query("insert into t values ('kept')")
  expect(await idsIn(a)).toEqual(['kept'])
})

it('a pool goes on though a listener to its new clients asks something of them', async () => {
  await using servers = await twoServers()
  const { pool } = servers
  pool.on('connect', (client) => void client.query("set application_name = 'mine'"))
  const { rows } = await pool.query('show application_name')
  expect(rows).toEqual([{ application_name: 'mine' }])
})

it('G5 close settles, though a client was lost and never given back', async () => {
  await using servers = await twoServers()
  const { rr, pool, a } = servers
  const client = (await pool.connect()) as unknown as Client & { processID: number; _queryable: boolean }
  await a.query(`select pg_terminate_backend(${client.processID})`)
  await waitFor(() => !client._queryable)
  await rr.close({ drainMs: 0 })
})

it('G10 a listener whose session somebody has ended goes on, and nothing moves', async () => {
  await using servers = await twoServers()
  const { rr, a, proxyB } = servers
  const heard: Heard[] = []
  await rr.listen('news', (each) => heard.push(each))
  await a.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'")
  await waitFor(() => heard.length === 1)
  await a.query("notify news, 'on'")
  await waitFor(() => heard.length === 2)
  expect(heard).toMatchObject([{ kind: 'gap' }, { kind: 'notification', payload: 'on' }])
  expect(proxyB.accepted).toBe(0)
})

it('a listener outlives an outage that is longer than the deadline of a run', async () => {
  await using servers = await twoServers({ deadlineMs: 200 })
  const { rr, a, proxyA, proxyB } = servers
  const heard: Heard[] = []
  await rr.listen('news', (each) => heard.push(each))
  await Promise.all([proxyA.refuse(), proxyB.refuse()])
  proxyA.cut()
  expect((await ended(rr.query('select 1'))).error).toBeDefined()
  expect((await ended(rr.query('select 1', [], { maxAttempts: Number.POSITIVE_INFINITY }))).error?.name).toBe(
    'TimeoutError',
  )
  await proxyA.pass()
  await waitFor(() => heard.length === 1)
  await a.query("notify news, 'on'")
  await waitFor(() => heard.length === 2)
})

it('G13 the clients of a server that was taken off the list are not handed out', async () => {
  await using servers = await twoServers()
  const { rr, pool, b, proxyB } = servers
  const first = await pool.connect()
  first.release()
  const finishing = rr.query('select pg_sleep(1)')
  rr.setSources([urlOf(proxyB)])
  const client = await pool.connect()
  expect((await client.query('show port')).rows[0].port).toBe(String(b.port))
  client.release()
  await finishing
})

it('close without a limit waits for a transaction', async () => {
  await using servers = await twoServers()
  const { rr, pool, a } = servers
  const client = await pool.connect()
  await client.query("begin; insert into t values ('kept')")
  const closed = rr.close({ drainMs: Number.POSITIVE_INFINITY })
  await client.query('commit')
  client.release()
  await closed
  expect(await idsIn(a)).toEqual(['kept'])
})

it('G5 a listener does not wait for ever for a server that takes no more connections', async () => {
  await using servers = await twoServers({ connectTimeoutMs: 2000 })
  const { rr, proxyA } = servers
  await rr.connect()
  await proxyA.mute()
  expect((await ended(rr.listen('news', () => {}))).error?.name).toBe('TimeoutError')
})

it('a commit that was asked for within a transaction is not said not to be applied', async () => {
  await using servers = await pair()
  const { rr, a } = servers
  const { error } = await ended(
    rr.transaction(async (client) => {
      await client.query("insert into t values ('kept')")
      await client.query('commit and chain')
      await client.query('select nosuch').catch(() => {})
    }),
  )
  expect(error?.outcome).toBe('unknown')
  expect(await idsIn(a)).toEqual(['kept'])
})

it('a connector is of one PgRoundRobin', async () => {
  const connector = new PgConnector()
  await using _ = new PgRoundRobin(['postgresql://a.example'], { connector })
  expect(() => new PgRoundRobin(['postgresql://a.example'], { connector })).toThrow(/connector is that of another/)
})

it('a client that goes on elsewhere hears no more of where it was', async () => {
  await using servers = await twoServers()
  const { a, b } = servers
  const client = new (sessionClass(pg))()
  const dial = ({ port }: { port: number }) =>
    client.dial({
      config: { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' },
      signal: AbortSignal.timeout(5000),
      misfit: () => undefined,
    })
  await dial(a)
  client.cut(new Error('left as soon as it was connected'))
  await dial(b)
  const gone = new Promise((resolve) => client.once('end', resolve))
  await b.kill()
  await gone
  await expect(client.query('select 1')).rejects.toThrow()
})
