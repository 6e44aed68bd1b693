import { OutcomeUnknownError } from '@tourniquet/core'
import { startPostgres, startProxy, waitFor } from '@tourniquet/testkit'
import pg, { type ClientBase } from 'pg'
import { describe, expect, it } from 'vitest'
import { PgRoundRobin } from '../src/index.ts'
import { ended, idsIn, pair, slowOn, twoServers, urlOf } from './two-servers.ts'

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)
const sleeping =
  "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"

describe('a primary that is killed under 1,000 queued queries, and its standby promoted', () => {
  it('G2 every idempotent one succeeds; the pool of the dead primary is empty', async () => {
    await using servers = await pair({ idempotent: true, maxAttempts: Number.POSITIVE_INFINITY })
    const { pool, a, b, proxyA, proxyB } = servers
    const first = await pool.connect()
    first.release()
    const onA = first as unknown as pg.Client
    // The first ten are with the server, and are not answered; the others wait for a client.
    const all = upTo(1000).map((n) =>
      pool.query(n <= 10 ? `select $1::int as n from ${slowOn(a)}` : 'select $1::int as n', [n]),
    )
    await waitFor(async () => Number((await a.query(sleeping))[0]?.[0]) === 10)
    const accepted = proxyA.accepted
    expect([pool.totalCount, pool.waitingCount]).toEqual([10, 990])
    const begun = performance.now()
    await a.kill()
    await b.promote()
    expect((await Promise.all(all)).map(({ rows }) => rows[0].n)).toEqual(upTo(1000))
    expect(onA.connection.stream.destroyed).toBe(true)
    // The ring comes round while nobody is a primary, as long as that takes: a rest is 50 ms on average.
    const rounds = 10 + (performance.now() - begun) / 25
    // Its own session, which meets a standby first, and ten of the pool.
    expect(pool.totalCount).toBe(10)
    expect(proxyB.accepted).toBeLessThanOrEqual(11 + rounds)
    await waitFor(() => proxyA.open === 0)
    // Each time with one dial of its own session.
    expect(proxyA.accepted - accepted).toBeLessThan(rounds)
  })

  it('G6 those that were sent are unknown, those that were queued are run', async () => {
    await using servers = await pair({ maxAttempts: Number.POSITIVE_INFINITY })
    const { pool, a, b } = servers
    const slow = `insert into t select $1 from ${slowOn(a)}`
    const all = upTo(1000).map((n) => pool.query(n <= 10 ? slow : 'insert into t values ($1)', [String(n)]))
    const ends = Promise.all(all.map(ended))
    await waitFor(async () => Number((await a.query(sleeping))[0]?.[0]) === 10)
    await a.kill()
    await b.promote()
    const sent = (await ends).slice(0, 10)
    const queued = (await ends).slice(10)
    expect(sent.map(({ error }) => error)).toEqual(upTo(10).map(() => expect.any(OutcomeUnknownError)))
    expect(sent.map(({ error }) => error?.outcome)).toEqual(upTo(10).map(() => 'unknown'))
    expect(queued.filter(({ error }) => error)).toEqual([])
    const ids = await idsIn(b)
    expect(new Set(ids).size).toBe(ids.length)
    expect(
      upTo(1000)
        .slice(10)
        .filter((n) => !ids.includes(String(n))),
    ).toEqual([])
  })

  it('takes about as long as a fresh pool and the same queries', async () => {
    const rounds: Awaited<ReturnType<typeof killed>>[] = []
    for (const _ of upTo(5)) rounds.push(await killed())
    expect(Math.min(...rounds.map(({ own }) => own))).toBeLessThan(
      3 * 1.5 * Math.min(...rounds.map(({ fresh }) => fresh)),
    )
  })
})

/** Milliseconds from the loss of a server with 1,000 queries to the last answer of the next, and what those take at least. */
async function killed(): Promise<{ own: number; fresh: number }> {
  await using servers = await twoServers({ idempotent: true })
  const { rr, pool, a, b, proxyA } = servers
  await pool.query('select 1')
  const all = upTo(1000).map((n) => pool.query(n <= 10 ? `select $1::int from ${slowOn(a)}` : 'select $1::int', [n]))
  await waitFor(async () => Number((await a.query(sleeping))[0]?.[0]) === 10)
  const left = new Promise<number>((resolve) => rr.on('fail', () => resolve(performance.now())))
  await proxyA.refuse()
  proxyA.cut()
  const since = await left
  await Promise.all(all)
  const own = performance.now() - since
  const begun = performance.now()
  const fresh = new pg.Pool({ connectionString: b.url })
  await Promise.all(upTo(1000).map((n) => fresh.query('select $1::int', [n])))
  const ms = performance.now() - begun
  await fresh.end()
  return { own, fresh: ms }
}

describe('a server that accepts connections and says nothing', () => {
  it('G2 is dialled once: who waits is served by the next one as soon as that one drops the connection', async () => {
    await using servers = await twoServers({ idempotent: true })
    const { a: dark, b } = servers
    await using dead = await startPostgres({ name: 'dead' })
    await using toDead = await startProxy(dead)
    const { proxyA: toDark, proxyB } = servers
    await using rr = new PgRoundRobin([urlOf(toDead), urlOf(toDark), urlOf(proxyB)], { idempotent: true })
    const pool = rr.pool()
    await pool.query('select 1')
    await toDark.mute()
    const all = upTo(1000).map((n) =>
      pool.query(n <= 10 ? `select $1::int as n from ${slowOn(dead)}` : 'select $1::int as n', [n]),
    )
    await waitFor(async () => Number((await dead.query(sleeping))[0]?.[0]) === 10)
    const [dialsOfDead, dialsOfDark] = [toDead.accepted, toDark.accepted]
    await dead.kill()
    toDead.cut()
    await waitFor(() => toDark.accepted > dialsOfDark)
    const droppedAt = performance.now()
    await toDark.refuse()
    toDark.cut()
    expect((await Promise.all(all)).map(({ rows }) => rows[0].n)).toEqual(upTo(1000))
    // Long before connectTimeoutMs (5 s), and with room for a busy machine. A fresh pool takes about 0.1 s here.
    expect(performance.now() - droppedAt).toBeLessThan(3000)
    expect(toDead.accepted - dialsOfDead).toBe(0)
    expect(toDark.accepted - dialsOfDark).toBe(1)
    expect(dark.state).toBe('running')
    expect(b.state).toBe('running')
  })
})

describe('a session that somebody has ended (57P01)', () => {
  const end =
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"

  it('G10 idle: nothing moves, nothing fails, and nobody needs to listen to errors', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, proxyB } = servers
    const moves: unknown[] = []
    rr.on('failover', (event) => moves.push(event))
    const clients = await Promise.all(upTo(3).map(() => pool.connect()))
    for (const client of clients) client.release()
    await a.query(end) // the one that asks whether it is well, too
    await waitFor(() => pool.totalCount === 0)
    expect((await pool.query('show port')).rows[0].port).toBe(String(a.port))
    expect([moves, proxyB.accepted]).toEqual([[], 0])
  })

  it('checked out: its next query says so, the process lives, nothing moves', async () => {
    await using servers = await twoServers()
    const { rr, pool, a } = servers
    const moves: unknown[] = []
    rr.on('failover', (event) => moves.push(event))
    const client = await pool.connect()
    await a.query(end)
    await waitFor(() => (client as unknown as { _queryable: boolean })._queryable === false)
    const { error } = await ended(client.query('select 1'))
    expect(error?.message).toMatch(/not queryable/)
    client.release()
    expect((await pool.query('show port')).rows[0].port).toBe(String(a.port))
    expect(moves).toEqual([])
  })

  it('with a query under way: unknown, with the code of the driver', async () => {
    await using servers = await twoServers()
    const { pool, a } = servers
    const client = await pool.connect()
    const slow = ended(client.query('insert into t select 1 from pg_sleep(20)'))
    await waitFor(async () => Number((await a.query(sleeping))[0]?.[0]) === 1)
    await a.query(end)
    const { error } = await slow
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(error).toMatchObject({ outcome: 'unknown', code: '57P01', cause: { code: '57P01' } })
    client.release()
    expect(await idsIn(a)).toEqual([])
  })

  it('in a transaction: it is run again on the same server, and nothing moves', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    const moves: unknown[] = []
    rr.on('failover', (event) => moves.push(event))
    let runs = 0
    await rr.transaction(async (client) => {
      runs++
      await client.query("insert into t values ('once')")
      if (runs === 1) await a.query(end)
      await client.query("insert into t values ('twice')")
    })
    expect(runs).toBe(2)
    expect([await idsIn(a), await idsIn(b)]).toEqual([['once', 'twice'], []])
    expect(moves).toEqual([])
  })
})

describe('a server where a session was lost', () => {
  it('G2 is asked before anybody dials it again: one that is silent costs a probe, and not a dial', async () => {
    await using servers = await twoServers({ heartbeatMs: Number.POSITIVE_INFINITY, probeTimeoutMs: 200 })
    const { pool, a, b, proxyA } = servers
    const { rows } = await pool.query('select pg_backend_pid() as pid')
    await a.query(`select pg_terminate_backend(${rows[0].pid})`)
    await waitFor(() => pool.totalCount === 0)
    await a.freeze()
    const accepted = proxyA.accepted
    const startedAt = performance.now()
    expect((await pool.query('show port')).rows[0].port).toBe(String(b.port))
    expect(performance.now() - startedAt).toBeLessThan(3000) // a dial would take connectTimeoutMs, 5 s
    expect(proxyA.accepted).toBe(accepted)
  })
})

describe('a client that is in use when its server is left', () => {
  it('G13 finishes there, takes nobody’s place in the pool, and is not handed out again', async () => {
    await using servers = await twoServers({ pool: { max: 1 } })
    const { rr, pool, a, b } = servers
    const portOf = async (client: ClientBase) => Number((await client.query('show port')).rows[0].port)
    const inUse = await pool.connect()
    await rr.failover()
    const next = await pool.connect()
    expect([await portOf(inUse), await portOf(next)]).toEqual([a.port, b.port])
    next.release()
    inUse.release()
    const again = await pool.connect()
    expect(await portOf(again)).toBe(b.port)
    again.release()
    expect(pool.totalCount).toBe(1)
  })
})

describe('no server at all', () => {
  it('G8 all who wait for a client are told the same, without a dial for each', async () => {
    await using servers = await twoServers({ backoff: { maxMs: 10 } })
    const { pool, proxyA, proxyB } = servers
    await Promise.all([proxyA.reset(), proxyB.reset()])
    const ends = await Promise.all(upTo(200).map(() => ended(pool.connect())))
    expect(ends.filter(({ error }) => error?.outcome !== 'not-applied')).toEqual([])
    // Ten clients wait for one dial each time; the others wait for a client.
    expect(new Set(ends.map(({ error }) => error)).size).toBeLessThanOrEqual(10)
    expect(proxyA.accepted + proxyB.accepted).toBe(3)
    await Promise.all([proxyA.pass(), proxyB.pass()])
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('a loop that tries again at once leaves the event loop its turn', async () => {
    await using rr = new PgRoundRobin(['postgresql://127.0.0.1:1', 'postgresql://127.0.0.1:2'], {
      backoff: { maxMs: 1 },
    })
    const pool = rr.pool()
    let isOver = false
    const loops = upTo(5).map(async () => {
      while (!isOver) await ended(pool.connect())
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    isOver = true
    await Promise.all(loops)
  })
})

describe('what is not the fault of a server moves nothing', () => {
  it('G9 a pool with no slot left, on a server that is well', async () => {
    await using servers = await twoServers({ pool: { max: 2, connectionTimeoutMillis: 2000 } })
    const { rr, pool, proxyA, proxyB } = servers
    const fails: unknown[] = []
    rr.on('fail', (event) => fails.push(event))
    const held = await Promise.all([pool.connect(), pool.connect()])
    const waiting = [ended(pool.query('select 1')), ended(rr.run((client) => client.query('select 1')))]
    const [query, run] = await Promise.all(waiting)
    expect(query?.error?.message).toBe('timeout exceeded when trying to connect')
    expect(run?.error?.message).toMatch(/^timeout exceeded/)
    for (const client of held) client.release()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect([fails, proxyA.accepted, proxyB.accepted]).toEqual([[], 3, 0])
  })

  it('G11 BEGIN READ ONLY and a write', async () => {
    await using servers = await twoServers()
    const { rr, pool, proxyB } = servers
    const client = await pool.connect()
    await client.query('begin read only')
    const { error } = await ended(client.query("insert into t values ('no')"))
    expect(error?.code).toBe('25006')
    await client.query('rollback')
    client.release()
    const again = await ended(rr.transaction((each) => each.query("insert into t values ('no')"), { readOnly: true }))
    expect(again.error?.code).toBe('25006')
    await new Promise((resolve) => setImmediate(resolve))
    expect(rr.current).toBe(urlOf(servers.proxyA))
    expect(proxyB.accepted).toBe(0)
  })
})

describe('demotion', () => {
  it.each(['pool.query', 'a checked-out client', 'rr.transaction'])(
    'G11 default_transaction_read_only: %s moves on the first 25006, with the whole pool',
    async (way) => {
      await using servers = await twoServers({
        targetSessionAttrs: 'read-write',
        heartbeatMs: Number.POSITIVE_INFINITY,
      })
      const { rr, pool, a, b, proxyA } = servers
      const clients = await Promise.all(upTo(5).map(() => pool.connect()))
      for (const client of clients) client.release()
      await a.setReadOnly(true)
      const insert = "insert into t values ('one')"
      if (way === 'pool.query') await pool.query(insert)
      if (way === 'rr.transaction') await rr.transaction((client) => client.query(insert))
      if (way === 'a checked-out client') {
        const client = await pool.connect()
        const { error } = await ended(client.query(insert))
        expect(error).toBeInstanceOf(pg.DatabaseError)
        expect(error?.code).toBe('25006')
        client.release()
        await waitFor(() => rr.current === urlOf(servers.proxyB))
        await pool.query(insert)
      }
      expect([await idsIn(a), await idsIn(b)]).toEqual([[], ['one']])
      await waitFor(() => proxyA.open === 0)
      expect((await pool.query('show port')).rows[0].port).toBe(String(b.port))
    },
  )

  it('G11 its idle clients are not handed out while a run still finishes there', async () => {
    await using servers = await twoServers({ targetSessionAttrs: 'read-write', heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr, pool, a, b } = servers
    const clients = await Promise.all(upTo(5).map(() => pool.connect()))
    for (const client of clients) client.release()
    const finishing = rr.query('select pg_sleep(1)')
    await a.setReadOnly(true)
    await pool.query("insert into t values ('one')")
    const client = await pool.connect()
    expect((await client.query('show port')).rows[0].port).toBe(String(b.port))
    client.release()
    expect((await finishing).rowCount).toBe(1)
  })

  it('G11 a restart as a standby: the next write goes to the new primary', async () => {
    await using servers = await pair({ maxAttempts: Number.POSITIVE_INFINITY })
    const { pool, a, b } = servers
    await pool.query("insert into t values ('before')")
    await b.promote()
    await a.demote(b)
    await pool.query("insert into t values ('after')")
    expect(await idsIn(b)).toEqual(['after', 'before'])
    expect((await pool.query('show port')).rows[0].port).toBe(String(b.port))
  })

  it('G11 a heartbeat notices it without a write', async () => {
    await using servers = await twoServers({ targetSessionAttrs: 'read-write', heartbeatMs: 50 })
    const { rr, pool, a, proxyA } = servers
    await pool.query('select 1')
    await a.setReadOnly(true)
    await waitFor(() => rr.current !== urlOf(proxyA))
    await rr.connect()
    await waitFor(() => proxyA.open === 0)
  })
})
