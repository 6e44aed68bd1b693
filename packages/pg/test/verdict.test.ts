import { readFileSync, writeFileSync } from 'node:fs'
import { OutcomeUnknownError } from '@tourniquet/core'
import { type PostgresServer, startPostgres, startProxy, waitFor } from '@tourniquet/testkit'
import pg, { type ClientBase } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PgRoundRobin, type PgRoundRobinOptions, type PgSource } from '../src/index.ts'
import { ended, idsIn, slowOn, twoServers, urlOf } from './two-servers.ts'

// A sequence is not rolled back: it counts how often a statement was executed, failed or not.
const counted = `
  create table t (id text primary key);
  create sequence runs;
  create function raised(code text, times int) returns text language plpgsql as $$ begin
    if nextval('runs') <= times then raise exception 'made up' using errcode = code; end if;
    return current_setting('port');
  end $$`
const always = 1_000_000

let a: PostgresServer
let b: PostgresServer
/** Plain clients, which count and clean up. */
let observers: pg.Client[]
beforeAll(async () => {
  const settings = { deadlock_timeout: '50ms' }
  ;[a, b] = await Promise.all([startPostgres({ name: 'A', settings }), startPostgres({ name: 'B' })])
  observers = [a, b].map(({ url }) => new pg.Client(url))
  for (const observer of observers) await observer.connect()
  for (const observer of observers) await observer.query(counted)
})
afterAll(async () => {
  for (const observer of observers) await observer.end()
  for (const server of [a, b]) await server?.[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await Promise.all(observers.map((each) => each.query("delete from t; select setval('runs', 1, false)")))
})

/** What `raised` answers on B at once, and on A after it has failed so often. */
const raise = (code: string, times = always) =>
  `select raised('${code}', case when current_setting('port') = '${a.port}' then ${times} else 0 end) as port`

async function executions(): Promise<number[]> {
  const count = 'select case when is_called then last_value::int else 0 end as count from runs'
  return await Promise.all(observers.map(async (each) => (await each.query(count)).rows[0].count))
}

interface Seen {
  readonly rr: PgRoundRobin
  /** Phase and verdict of each failure that was told. */
  readonly fails: unknown[]
}

function roundRobin(
  options: PgRoundRobinOptions = {},
  sources: PgSource[] = [urlOf(a), urlOf(b)],
): Seen & AsyncDisposable {
  const rr = new PgRoundRobin(sources, { backoff: { initialMs: 1, maxMs: 10 }, ...options })
  const fails: unknown[] = []
  rr.on('fail', ({ phase, verdict }) => fails.push([phase, verdict]))
  return { rr, fails, [Symbol.asyncDispose]: () => rr.close({ drainMs: 0 }) }
}

const ways = [
  { way: 'rr.query', ask: (rr: PgRoundRobin, sql: string) => rr.query(sql) },
  { way: 'rr.pool().query', ask: (rr: PgRoundRobin, sql: string) => rr.pool().query(sql) },
  { way: 'rr.run', ask: (rr: PgRoundRobin, sql: string) => rr.run((client) => client.query(sql)) },
  { way: 'rr.transaction', ask: (rr: PgRoundRobin, sql: string) => rr.transaction((client) => client.query(sql)) },
]
const [plain, pooled] = ways as [(typeof ways)[number], (typeof ways)[number]]

describe.each(ways)('what a server says of a statement: $way', ({ way, ask }) => {
  it.each(['58000', '58030', '58P01', '53100', '53200', 'XX001', 'XX002', '57P03'])(
    'G6 %s: it was rolled back, and the next one runs it',
    async (code) => {
      await using seen = roundRobin()
      const { rr, fails } = seen
      expect((await ask(rr, raise(code))).rows).toEqual([{ port: String(b.port) }])
      expect([fails, await executions(), rr.current]).toEqual([[['run', 'next']], [1, 1], urlOf(b)])
    },
  )

  it.each(['08007', '40003'])('G6 %s: unknown; the server is left', async (code) => {
    await using seen = roundRobin()
    const { rr, fails } = seen
    const { error } = await ended(ask(rr, raise(code)))
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    // Libraries on top of a pool compare with the driver's code.
    const shown = way === 'rr.pool().query' ? code : 'TOURNIQUET_OUTCOME_UNKNOWN'
    expect(error).toMatchObject({ outcome: 'unknown', code: shown, cause: { code, message: 'made up' } })
    expect([fails, await executions()]).toEqual([[['run', 'unsure']], [1, 0]])
    await rr.connect()
    expect(rr.current).toBe(urlOf(b))
  })

  it.each(['08000', '08001', '08003', '08004', '08006', '57P01', '57P02'])(
    'G6 %s: unknown; a server that is well is stayed with',
    async (code) => {
      await using seen = roundRobin()
      const { rr, fails } = seen
      const { error } = await ended(ask(rr, raise(code)))
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ outcome: 'unknown', cause: { code } })
      expect([fails, await executions(), rr.current]).toEqual([[['run', 'suspect']], [1, 0], urlOf(a)])
    },
  )

  it('idempotent: what is unknown is run again, on the next one or on the same', async () => {
    await using seen = roundRobin({ idempotent: true })
    const { rr } = seen
    expect((await ask(rr, raise('08006', 1))).rows).toEqual([{ port: String(a.port) }])
    expect(await executions()).toEqual([2, 0])
    await observers[0]?.query("select setval('runs', 1, false)")
    expect((await ask(rr, raise('08007'))).rows).toEqual([{ port: String(b.port) }])
    expect(await executions()).toEqual([1, 1])
  })

  it.each([
    '40001',
    '40P01',
    '57014',
    '55P03',
    '22012',
    '23505',
    '23503',
    '42P01',
    '42501',
    '0A000',
    'P0001',
    '54001',
    'XX000',
  ])('G4 %s: the driver’s own error, at once, and the server is stayed with', async (code) => {
    await using seen = roundRobin({ idempotent: true })
    const { rr, fails } = seen
    const { error } = await ended(ask(rr, raise(code)))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code, message: 'made up', severity: 'ERROR' })
    expect([fails, await executions(), rr.current]).toEqual([[], [1, 0], urlOf(a)])
  })

  it.each<[string, string]>([
    ['22012', 'select 1/0'],
    ['22P02', "select 'x'::int"],
    ['23505', "insert into t values ('1'), ('1')"],
    ['42P01', 'select * from nosuch'],
    ['42601', 'selec'],
    ['42883', 'select nosuch()'],
    ['0A000', 'select 1 union select 2 for update'],
    ['57014', 'set statement_timeout = 20; select pg_sleep(20)'],
    ['55P03', 'select pg_advisory_lock(1) from (select set_config($$lock_timeout$$, $$20$$, true)) as limited'],
    ['25001', 'select 1; vacuum'],
  ])('G4 %s, of a real statement: %s', async (code, sql) => {
    const holder = new pg.Client(a.url)
    await holder.connect()
    await holder.query('select pg_advisory_lock(1)')
    await using seen = roundRobin({ idempotent: true })
    const { rr, fails } = seen
    const { error } = await ended(ask(rr, sql))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code, severity: 'ERROR' })
    expect([fails, rr.current]).toEqual([[], urlOf(a)])
    await holder.end()
  })
})

describe('G4 the error of a run is the same object', () => {
  it.each(['rr.run', 'rr.transaction'] as const)('%s', async (way) => {
    await using seen = roundRobin()
    const { rr } = seen
    let first: unknown
    const work = (client: ClientBase) =>
      client.query('select 1/0').catch((error: unknown) => {
        first = error
        throw error
      })
    const { error } = await ended(way === 'rr.run' ? rr.run(work) : rr.transaction(work))
    expect(error).toBe(first)
  })
})

describe('a statement that the server ends', () => {
  const running = async (sql: string) =>
    await waitFor(async () => {
      const pids = await a.query(`select pid from pg_stat_activity where state = 'active' and query = '${sql}'`)
      return pids[0]?.[0]
    })

  it.each(ways.slice(0, 3))('G4 57014, cancelled: $way', async ({ ask }) => {
    await using seen = roundRobin()
    const { rr, fails } = seen
    const slow = ended(ask(rr, 'select pg_sleep(60)'))
    await a.query(`select pg_cancel_backend(${await running('select pg_sleep(60)')})`)
    expect((await slow).error).toMatchObject({ code: '57014', message: expect.stringContaining('user request') })
    expect([fails, rr.current]).toEqual([[], urlOf(a)])
  })

  it.each(ways.slice(0, 3))(
    'G6 57P01, its session ended by hand: unknown, and nothing moves: $way',
    async ({ ask }) => {
      await using seen = roundRobin()
      const { rr, fails } = seen
      const slow = ended(ask(rr, 'select pg_sleep(60)'))
      await a.query(`select pg_terminate_backend(${await running('select pg_sleep(60)')})`)
      const { error } = await slow
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ outcome: 'unknown', cause: { code: '57P01' } })
      expect([fails, rr.current]).toEqual([[['run', 'suspect']], urlOf(a)])
    },
  )

  it('G6 40P01, a deadlock: the one that lost may be run again on the same server', async () => {
    await using seen = roundRobin()
    const { rr, fails } = seen
    await a.query("insert into t values ('x'), ('y')")
    let calls = 0
    let meet = () => {}
    const both = new Promise<void>((resolve) => {
      meet = resolve
    })
    const work = (first: string, second: string) => async (client: ClientBase) => {
      await client.query('select 1 from t where id = $1 for update', [first])
      if (++calls === 2) meet()
      await both
      await client.query('select 1 from t where id = $1 for update', [second])
    }
    const options = { rerun: 5 }
    const ends = await Promise.all([
      ended(rr.transaction(work('x', 'y'), options)),
      ended(rr.transaction(work('y', 'x'), options)),
    ])
    expect([ends.map(({ error }) => error), fails]).toEqual([[undefined, undefined], []])
    expect(calls).toBeGreaterThanOrEqual(3)
  })
})

describe('a server that goes', () => {
  const hanging = 'select pg_sleep(60)'
  const slow = async (server: PostgresServer) =>
    await waitFor(
      async () => (await server.query(`select pid from pg_stat_activity where query = '${hanging}'`))[0]?.[0],
    )

  it.each<[string, (server: PostgresServer, pid: string) => Promise<unknown>]>([
    ['57P01, is stopped', (server) => server.stop()],
    ['57P02, loses one of its processes', async (_, pid) => process.kill(Number(pid), 'SIGKILL')],
    ['is killed', (server) => server.kill()],
  ])('G6 %s: unknown, once; what comes next goes elsewhere', async (_, end) => {
    await using servers = await twoServers()
    const { rr, pool, proxyB } = servers
    const idle = [await pool.connect(), await pool.connect()]
    for (const client of idle) client.release()
    const asked = [ended(rr.query(hanging)), ended(pool.query(hanging))]
    await end(servers.a, await slow(servers.a))
    for (const each of asked) {
      const { error } = await each
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ outcome: 'unknown' })
    }
    expect((await pool.query('show port')).rows[0].port).toBe(String(servers.b.port))
    expect(rr.current).toBe(urlOf(proxyB))
  })

  it('idempotent: all of them are run elsewhere', async () => {
    await using servers = await twoServers({ idempotent: true })
    const { rr, pool } = servers
    const asked = [rr.query(`${hanging} limit 0`), pool.query(`select 'done' as end from ${slowOn(servers.a)}`)]
    const sleeping = "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
    await waitFor(async () => (await servers.a.query(sleeping)).length > 0)
    await servers.a.stop()
    const [none, done] = await Promise.all(asked)
    expect([none?.rows, done?.rows]).toEqual([[], [{ end: 'done' }]])
  })

  it('G9 Query read timeout: a server that is well is stayed with, and the session is not used again', async () => {
    await using servers = await twoServers({ pool: { query_timeout: 1000 } })
    const { rr, pool, a: slowOne } = servers
    for (const ask of [() => rr.query(hanging), () => pool.query(hanging)]) {
      const { error } = await ended<unknown>(ask())
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ outcome: 'unknown', cause: { message: 'Query read timeout' } })
      expect(pool.totalCount).toBe(0)
    }
    expect((await rr.query('show port')).rows[0].port).toBe(String(slowOne.port))
  })

  it('G9 Query read timeout: a server that is frozen is left', async () => {
    await using servers = await twoServers({
      pool: { query_timeout: 1000 },
      probeTimeoutMs: 200,
      heartbeatMs: Number.POSITIVE_INFINITY,
    })
    const { rr, pool, proxyA, proxyB } = servers
    await pool.query('select 1')
    await proxyA.freeze()
    const { error } = await ended(rr.query('select 1'))
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect((await pool.query('show port')).rows[0].port).toBe(String(servers.b.port))
    expect(rr.current).toBe(urlOf(proxyB))
  })

  it('57P05 idle_session_timeout ends sessions that do nothing, and moves nothing', async () => {
    await using servers = await twoServers({}, { idle_session_timeout: '1s' })
    const { rr, pool, a: hasty, proxyA, proxyB } = servers
    const moves: unknown[] = []
    rr.on('failover', (event) => moves.push(event))
    expect((await pool.query('show port')).rows[0].port).toBe(String(hasty.port))
    const before = proxyA.accepted
    await waitFor(() => pool.totalCount === 0 && proxyA.accepted >= before + 2) // its own session is begun again
    expect((await pool.query('show port')).rows[0].port).toBe(String(hasty.port))
    expect([moves, proxyB.accepted]).toEqual([[], 0])
  })

  it('25P03 idle_in_transaction_session_timeout: the transaction took too long, wherever it runs', async () => {
    await using servers = await twoServers({}, { idle_in_transaction_session_timeout: '50ms' })
    const { rr, proxyB } = servers
    let calls = 0
    const { error } = await ended(
      rr.transaction(async (client) => {
        calls++
        await client.query("insert into t values ('no')")
        await waitFor(() => (client as unknown as { _queryable: boolean })._queryable === false)
        await client.query("insert into t values ('no')")
      }),
    )
    expect(error).toMatchObject({ code: '25P03' })
    expect([calls, proxyB.accepted, rr.current]).toEqual([1, 0, urlOf(servers.proxyA)])
  })
})

describe('25006, a write that is refused', () => {
  it('G11 by a server that takes none: it runs elsewhere', async () => {
    await using servers = await twoServers({ heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr } = servers
    await rr.query('select 1')
    await servers.a.setReadOnly(true)
    await rr.run((client) => client.query("insert into t values ('one')"))
    expect([await idsIn(servers.a), await idsIn(servers.b)]).toEqual([[], ['one']])
  })

  it('G11 by a transaction that is read-only: the caller’s, and no question is asked twice', async () => {
    await using seen = roundRobin()
    const { rr, fails } = seen
    const { error } = await ended(rr.run((client) => client.query("begin read only; insert into t values ('no')")))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code: '25006' })
    expect([fails, rr.current]).toEqual([[], urlOf(a)])
  })

  it('G11 by a role that may only read: moving would not help, and nothing spins', async () => {
    for (const server of [a, b])
      await server.query(
        'create role reader login; alter role reader set default_transaction_read_only = on; grant all on t to reader',
      )
    const sources = [a, b].map((server) => ({
      host: server.host,
      port: server.port,
      user: 'reader',
      database: 'postgres',
    }))
    await using seen = roundRobin({}, sources)
    const { rr, fails } = seen
    const { error } = await ended(rr.query("insert into t values ('no')"))
    expect(error).toMatchObject({ message: expect.stringMatching(/read-only|25006/) })
    expect(fails.length).toBeLessThanOrEqual(3)
    expect([await idsIn(a), await idsIn(b)]).toEqual([[], []])
  })
})

describe('while dialling', () => {
  it('57P03, it shuts down: the next one', async () => {
    await using stopping = await startPostgres({ name: 'stopping' })
    const holder = new pg.Client(stopping.url)
    holder.on('error', () => {})
    await holder.connect()
    process.kill(stopping.pid as number, 'SIGTERM') // it waits for its last client, and takes no new one
    await waitFor(async () => (await ended(stopping.query('select'))).error?.message.includes('is shutting down'))
    await using seen = roundRobin({}, [urlOf(stopping), urlOf(b)])
    const { rr, fails } = seen
    const codes: unknown[] = []
    rr.on('fail', ({ error }) => codes.push((error as { code: string }).code))
    expect((await rr.query('show port')).rows[0].port).toBe(String(b.port))
    expect([fails, codes]).toEqual([[['connect', 'next']], ['57P03']])
    await holder.end()
  })

  it('53300, it has no connection left: the next one, though libpq would stop there', async () => {
    await using full = await startPostgres({
      settings: { max_connections: 2, superuser_reserved_connections: 0, max_wal_senders: 0 },
    })
    // The session that asked whether it is ready may still be there.
    const hold = () =>
      waitFor(async () => {
        const holder = new pg.Client(full.url)
        await holder.connect()
        return holder
      })
    const holders = [await hold(), await hold()]
    await using seen = roundRobin({}, [urlOf(full), urlOf(b)])
    const { rr, fails } = seen
    expect((await rr.query('show port')).rows[0].port).toBe(String(b.port))
    expect(fails).toEqual([['connect', 'next']])
    for (const holder of holders) await holder.end()
  })

  it('53300, the pool itself has taken all there are: some of it moves, and every query is answered', async () => {
    await using full = await startPostgres({
      settings: { max_connections: 5, superuser_reserved_connections: 0, max_wal_senders: 0 },
    })
    await using seen = roundRobin({ idempotent: true }, [urlOf(full), urlOf(b)])
    const { rr } = seen
    const ends = await Promise.all(Array.from({ length: 50 }, () => ended(rr.pool().query('select 1 as one'))))
    expect(ends.filter(({ error }) => error)).toEqual([])
  })

  it.each(['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'is silent'])('%s: the next one', async (what) => {
    await using proxy = await startProxy(a)
    if (what === 'ECONNREFUSED') await proxy.refuse()
    if (what === 'ECONNRESET') await proxy.reset()
    if (what === 'is silent') await proxy.mute()
    const first = what === 'ENOTFOUND' ? 'postgresql://postgres@nosuch.invalid/postgres' : urlOf(proxy)
    await using seen = roundRobin({ connectTimeoutMs: 2000 }, [first, urlOf(b)])
    const { rr, fails } = seen
    expect((await rr.query('show port')).rows[0].port).toBe(String(b.port))
    expect(fails).toEqual([['connect', 'next']])
  })

  const own = new Error('the vault is locked')
  type Dialled = readonly [what: string, source: Partial<pg.ClientConfig>, expected: object]
  const rows: readonly Dialled[] = [
    ['28P01, a wrong password', { user: 'secured', password: 'wrong' }, { code: '28P01' }],
    ['28000, a role that is not there', { user: 'nobody' }, { code: '28000' }],
    ['3D000, a database that is not there', { database: 'nosuch' }, { code: '3D000' }],
    ['42501, a database that is not allowed', { user: 'stranger', database: 'closed' }, { code: '42501' }],
    ['SASL, no password', { user: 'secured' }, { message: expect.stringMatching(/^SASL: /) }],
    [
      'SASL, a password that is none',
      { user: 'secured', password: 5 as unknown as string },
      { message: expect.stringMatching(/^SASL: /) },
    ],
    ['a server without TLS', { ssl: true }, { message: expect.stringContaining('does not support SSL') }],
    ['a password function that rejects', { user: 'secured', password: () => Promise.reject(own) }, own],
    [
      'a password function that throws',
      {
        user: 'secured',
        password: () => {
          throw own
        },
      },
      own,
    ],
  ]

  describe('the caller’s own mistake: no other server is asked, as with libpq', () => {
    beforeAll(async () => {
      const [[rules = ''] = []] = await a.query('show hba_file')
      await a.query("create role secured login password 'right'; create role stranger login")
      await a.query('create database closed')
      await a.query('revoke connect on database closed from public')
      writeFileSync(rules, `host all secured all scram-sha-256\n${readFileSync(rules, 'utf8')}`)
      await a.query('select pg_reload_conf()')
    })

    it.each(rows)('%s', async (_, source, expected) => {
      await using toA = await startProxy(a)
      await using toB = await startProxy(b)
      const sources = [toA, toB].map(({ host, port }) => ({
        host,
        port,
        user: 'postgres',
        database: 'postgres',
        ...source,
      }))
      await using seen = roundRobin({}, sources)
      const { rr, fails } = seen
      for (const { ask } of [plain, pooled]) {
        const { error } = await ended(ask(rr, 'select 1'))
        if (expected === own) expect(error).toBe(own)
        else expect(error).toMatchObject(expected)
        expect(error instanceof pg.DatabaseError).toBe('code' in expected)
      }
      expect(fails).toEqual([
        ['connect', 'caller'],
        ['connect', 'caller'],
      ])
      expect([toA.accepted, toB.accepted]).toEqual([2, 0])
    })
  })
})
