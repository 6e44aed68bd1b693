import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ClosedError, OutcomeUnknownError } from '@tourniquet/core'
import { startPostgres, startProxy, waitFor } from '@tourniquet/testkit'
import type { Client, Pool, PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import { PgRoundRobin } from '../src/index.ts'
import { atGate, ended, idsIn, shutGate, type TwoServers, twoServers, urlOf } from './two-servers.ts'

const sleeping = (servers: TwoServers, count: number) =>
  waitFor(async () => {
    const sql =
      "select 1 from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"
    return (await servers.a.query(sql)).length === count
  })

// So that a backend that sleeps notices that its client has gone.
const attentive = { client_connection_check_interval: '100ms' }

const portOf = async (pool: Pool | PoolClient | Client) => (await pool.query('show port')).rows[0].port

/** Pending, or how it ended. */
function watched<T>(promise: Promise<T>) {
  const state = { isPending: true, end: ended(promise) }
  void state.end.then(() => {
    state.isPending = false
  })
  return state
}

describe('rr.close()', () => {
  it('lets what is under way finish, and nothing is left', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, proxyA } = servers
    await using gate = await shutGate(a)
    const slow = `select 'one' as done from ${atGate}`
    const work = [
      rr.query(slow),
      pool.query(slow),
      rr.run((client) => client.query(slow)),
      rr.transaction(async (client) => {
        await client.query("insert into t values ('kept')")
        return await client.query(slow)
      }),
    ]
    await gate.waiting(4)
    const closing = rr.close()
    await gate.open()
    await closing
    expect((await Promise.all(work)).map(({ rows }) => rows[0].done)).toEqual(['one', 'one', 'one', 'one'])
    expect(await idsIn(a)).toEqual(['kept'])
    await waitFor(() => proxyA.open === 0)
    expect(pool.totalCount).toBe(0)
  })

  it('G5 waits no longer than drainMs: what was sent is unknown, what was in a transaction is not there', async () => {
    await using servers = await twoServers({}, attentive)
    const { rr, pool, a, proxyA } = servers
    const sent = [
      rr.query('select pg_sleep(60)'),
      pool.query('select pg_sleep(60)'),
      rr.run((client) => client.query('select pg_sleep(60)')),
    ].map(ended)
    const transaction = ended(
      rr.transaction(async (client) => {
        await client.query("insert into t values ('no')")
        await client.query('select pg_sleep(60)')
      }),
    )
    const held = await pool.connect()
    const byHand = ended(held.query('select pg_sleep(60)'))
    await sleeping(servers, 5)
    const begun = performance.now()
    await rr.close({ drainMs: 50 })
    expect(performance.now() - begun).toBeLessThan(2000)
    for (const { error } of await Promise.all([...sent, byHand])) {
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ outcome: 'unknown' })
    }
    expect((await transaction).error).toMatchObject({ outcome: 'not-applied' })
    expect(await idsIn(a)).toEqual([])
    await waitFor(() => proxyA.open === 0)
    held.release()
  })

  it('G5 who waits for a client of a pool is turned away, or served by then', async () => {
    await using servers = await twoServers({ pool: { max: 1 } })
    const { rr, pool, proxyA } = servers
    const held = await pool.connect()
    const waiting = [
      pool.connect(),
      pool.query('select 1'),
      rr.query('select 1'),
      rr.run((client) => client.query('select 1')),
    ]
    const ends = waiting.map((each) => ended<unknown>(each))
    expect(pool.waitingCount).toBe(4)
    const begun = performance.now()
    await rr.close({ drainMs: 50 })
    for (const { error } of await Promise.all(ends)) expect(error).toMatchObject({ outcome: 'not-applied' })
    expect((await ends[0])?.error).toBeInstanceOf(ClosedError)
    expect(performance.now() - begun).toBeLessThan(2000)
    await waitFor(() => proxyA.open === 0)
    held.release()
  })

  it('a client that is checked out may finish on its server', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, proxyA } = servers
    const held = await pool.connect()
    await held.query("begin; insert into t values ('kept')")
    const closing = watched(rr.close({ drainMs: 5000 }))
    await waitFor(async () => (await ended(pool.query('select 1'))).error instanceof ClosedError)
    await held.query('commit')
    expect(closing.isPending).toBe(true)
    held.release()
    await closing.end
    expect(await idsIn(a)).toEqual(['kept'])
    await waitFor(() => proxyA.open === 0)
  })

  it('G5 G7 while a server is dialled that is silent: all who wait are told at once', async () => {
    await using a = await startPostgres()
    await using proxy = await startProxy(a)
    await proxy.mute()
    const rr = new PgRoundRobin([urlOf(proxy)], { connectTimeoutMs: 60_000 })
    const pool = rr.pool()
    const waiting = [
      rr.connect(),
      rr.query('select 1'),
      rr.run((client) => client.query('select 1')),
      rr.transaction((client) => client.query('select 1')),
      pool.query('select 1'),
      pool.connect(),
      new rr.Client().connect(),
      rr.listen('news', () => {}),
    ].map((each) => ended<unknown>(each))
    await waitFor(() => proxy.accepted > 0)
    const begun = performance.now()
    await rr.close()
    for (const { error } of await Promise.all(waiting)) {
      expect(error).toBeInstanceOf(ClosedError)
      expect(error).toMatchObject({ outcome: 'not-applied' })
    }
    expect(performance.now() - begun).toBeLessThan(2000)
    await waitFor(() => proxy.open === 0)
    expect(pool.totalCount).toBe(0)
  })

  it('G5 G7 while clients of the pool are dialled, and the server has fallen silent', async () => {
    await using servers = await twoServers({ connectTimeoutMs: 60_000, heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr, pool, proxyA } = servers
    await rr.connect()
    await proxyA.mute()
    const waiting = [
      pool.connect(),
      pool.query('select 1'),
      rr.query('select 1'),
      new rr.Client().connect(),
      rr.listen('news', () => {}),
    ]
    const ends = waiting.map((each) => ended<unknown>(each))
    await waitFor(() => proxyA.accepted >= 6)
    const begun = performance.now()
    await rr.close({ drainMs: 50 })
    for (const { error } of await Promise.all(ends)) expect(error).toMatchObject({ outcome: 'not-applied' })
    expect(performance.now() - begun).toBeLessThan(3000)
    await waitFor(() => proxyA.open === 0)
  })

  it('G5 while nobody is up, and runs would try for ever', async () => {
    const rr = new PgRoundRobin(['postgresql://127.0.0.1:1'], { maxAttempts: Number.POSITIVE_INFINITY })
    const failed = new Promise((resolve) => rr.on('fail', resolve))
    const waiting = [rr.query('select 1'), rr.pool().query('select 1'), rr.pool().connect(), new rr.Client().connect()]
    const ends = waiting.map((each) => ended<unknown>(each))
    await failed
    await rr.close()
    for (const { error } of await Promise.all(ends)) expect(error).toMatchObject({ outcome: 'not-applied' })
  })

  it('G5 a server that is frozen does not hold it up', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, proxyA } = servers
    const held = await pool.connect()
    await pool.query('select 1')
    await a.freeze()
    const pending = ended(held.query('select 1'))
    const begun = performance.now()
    await rr.close({ drainMs: 50 })
    expect((await pending).error).toBeInstanceOf(OutcomeUnknownError)
    expect(performance.now() - begun).toBeLessThan(3000)
    await a.thaw()
    await waitFor(() => proxyA.open === 0)
  })

  it('G7 ends its clients, pools and listeners, and leaves no session on the server', async () => {
    await using servers = await twoServers({ heartbeatMs: 20 })
    const { rr, pool, a, proxyA } = servers
    const other = new rr.driver.Pool()
    const client = new rr.Client()
    const listening = await rr.listen('news', () => {})
    await client.connect()
    await Promise.all([pool.query('select 1'), other.query('select 1'), client.query('select 1')])
    const gone = new Promise((resolve) => client.once('end', resolve))
    await rr.close({ drainMs: 50 })
    await gone
    expect([pool.totalCount, other.totalCount, pool.ended, other.ended]).toEqual([0, 0, true, true])
    await waitFor(() => proxyA.open === 0)
    await waitFor(
      async () => (await a.query("select 1 from pg_stat_activity where backend_type = 'client backend'")).length === 1,
    )
    await listening.close()
    await client.end()
  })

  it('after it everything rejects, and says why', async () => {
    await using servers = await twoServers()
    const { rr, pool, proxyA, proxyB } = servers
    const other = new rr.driver.Pool()
    await pool.query('select 1')
    await rr.close()
    const accepted = proxyA.accepted
    const all = [
      () => pool.query('select 1'),
      () => pool.connect(),
      () => other.query('select 1'),
      () => other.connect(),
      () => rr.pool().query('select 1'),
      () => rr.query('select 1'),
      () => rr.run(async () => {}),
      () => rr.transaction(async () => {}),
      () => rr.connect(),
      () => rr.listen('news', () => {}),
      () => new rr.Client().connect(),
      () => new rr.driver.Pool().connect(),
    ]
    for (const [index, ask] of all.entries()) {
      const { error } = await ended<unknown>(ask())
      expect([index, error?.name]).toEqual([index, 'ClosedError'])
      expect(error).toMatchObject({ outcome: 'not-applied', message: expect.stringMatching(/closed; create another/) })
    }
    const told = await new Promise<Error>((resolve) => pool.connect((error) => resolve(error as Error)))
    expect(told).toBeInstanceOf(ClosedError)
    expect(() => rr.setSources([urlOf(proxyB)])).toThrow(ClosedError)
    expect([proxyA.accepted - accepted, proxyB.accepted]).toEqual([0, 0])
  })

  it('twice, and by "await using", is the same', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    await rr.query('select 1')
    const closing = [rr.close(), rr.close(), rr[Symbol.asyncDispose]()]
    await Promise.all(closing)
    await new PgRoundRobin(['postgresql://127.0.0.1:1']).close() // one that was never used
  })

  it('a pool that its user has ended himself does not matter', async () => {
    await using servers = await twoServers()
    const { rr, pool, proxyA } = servers
    await pool.query('select 1')
    await pool.end()
    await rr.pool().query('select 1')
    await rr.close()
    await waitFor(() => proxyA.open === 0)
  })
})

describe('pool.end()', () => {
  it('G5 with waiters: they are told at once, the client that is checked out may finish', async () => {
    await using servers = await twoServers({ pool: { max: 1 } })
    const { pool } = servers
    const held = await pool.connect()
    const waiting = [pool.connect(), pool.query('select 1')].map((each) => ended<unknown>(each))
    const ending = watched(pool.end())
    for (const { error } of await Promise.all(waiting)) expect(error?.message).toMatch(/after calling end on the pool/)
    expect(await portOf(held)).toBe(String(servers.a.port))
    expect(ending.isPending).toBe(true)
    held.release()
    expect((await ending.end).error).toBeUndefined()
  })

  it('G5 G7 while it waits for a server that is silent: all settle at once, and no socket stays', async () => {
    await using a = await startPostgres()
    await using proxy = await startProxy(a)
    await using rr = new PgRoundRobin([urlOf(proxy)], {
      connectTimeoutMs: 60_000,
      heartbeatMs: Number.POSITIVE_INFINITY,
    })
    await rr.connect()
    await proxy.mute()
    const before = proxy.open
    const pool = rr.pool()
    const waiting = [pool.connect(), pool.query('select 1')].map((each) => ended<unknown>(each))
    await waitFor(() => proxy.accepted >= 3)
    const begun = performance.now()
    await pool.end()
    for (const { error } of await Promise.all(waiting)) expect(error?.message).toMatch(/after calling end on the pool/)
    expect(performance.now() - begun).toBeLessThan(2000)
    await waitFor(() => proxy.open === before)
    expect(pool.totalCount).toBe(0)
  })

  it('the next rr.pool() is another one, which works', async () => {
    await using servers = await twoServers()
    const { rr, pool } = servers
    await pool.query('select 1')
    await pool.end()
    expect(rr.pool()).not.toBe(pool)
    expect(rr.pool()).toBe(rr.pool())
    expect((await rr.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect((await ended(pool.query('select 1'))).error?.message).toMatch(/after calling end on the pool/)
  })
})

describe('G7 no process is kept alive by', () => {
  it.each([
    'its own session',
    'an idle pool',
    'a pool that was ended',
    'a listener that was closed',
    'what was closed',
  ])('%s', async (what) => {
    await using server = await startPostgres()
    const file = fileURLToPath(new URL('programs/exits.ts', import.meta.url))
    const running = promisify(execFile)(process.execPath, ['--import', 'tsx', file, server.url, what], {
      timeout: 50_000,
    })
    let doneAt = Number.NaN
    running.child.stdout?.once('data', () => {
      doneAt = performance.now()
    })
    expect((await running).stdout).toBe('done')
    expect(performance.now() - doneAt).toBeLessThan(9000) // idle clients of a pool stay for 10 s
  })
})

describe('a planned move', () => {
  const moves: Record<string, (servers: TwoServers) => Promise<unknown>> = {
    'failover()': ({ rr }) => rr.failover('maintenance'),
    'setSources() without the current one': async ({ rr, proxyB }) => {
      rr.setSources([urlOf(proxyB)])
      await rr.connect()
    },
  }

  it.each(Object.keys(moves))(
    '%s: idle clients go, who works may finish there, nobody hears of an error',
    async (name) => {
      await using servers = await twoServers()
      const { rr, pool, a, b, proxyA, proxyB } = servers
      await using gate = await shutGate(a)
      const errors: unknown[] = []
      pool.on('error', (error) => errors.push(error))
      const [held, ...others] = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
      for (const other of others) other.release()
      await held.query("begin; insert into t values ('kept')")
      const running = rr.query(`select 'done' as end from ${atGate}`)
      await gate.waiting(1)
      await moves[name]?.(servers)
      expect(rr.current).toBe(urlOf(proxyB))
      expect(await portOf(pool)).toBe(String(b.port))
      await gate.open()
      expect((await running).rows).toEqual([{ end: 'done' }])
      await held.query('commit')
      expect(await portOf(held)).toBe(String(a.port))
      held.release()
      await waitFor(() => proxyA.open === 0)
      expect([await idsIn(a), await idsIn(b), errors]).toEqual([['kept'], [], []])
      expect(await portOf(pool)).toBe(String(b.port))
      expect(pool.totalCount).toBe(1)
    },
  )

  it.each(Object.keys(moves))('%s: a client that does not finish is ended after drainMs', async (name) => {
    await using servers = await twoServers({ drainMs: 50 }, attentive)
    const { pool, proxyA } = servers
    const held = await pool.connect()
    const query = ended(held.query('select pg_sleep(60)'))
    await sleeping(servers, 1)
    await moves[name]?.(servers)
    const { error } = await query
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    held.release()
    await waitFor(() => proxyA.open === 0)
  })

  it('failover() with a full pool: who waits is served by the other server, while all clients are out', async () => {
    await using servers = await twoServers({ pool: { max: 2 } })
    const { rr, pool, b } = servers
    const held = [await pool.connect(), await pool.connect()]
    const waiting = portOf(pool)
    expect(pool.waitingCount).toBe(1)
    await rr.failover()
    expect(await waiting).toBe(String(b.port))
    for (const client of held) client.release()
  })

  it('failover() of one server alone replaces the connections', async () => {
    await using a = await startPostgres()
    await using proxy = await startProxy(a)
    await using rr = new PgRoundRobin([urlOf(proxy)])
    const pid = async () => (await rr.query('select pg_backend_pid() as pid')).rows[0].pid
    const before = await pid()
    await rr.failover()
    expect(await pid()).not.toBe(before)
    await waitFor(() => proxy.open === 2)
  })

  it('failover() moves nothing where no other server is up', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, b } = servers
    await pool.query('select 1')
    await b.kill()
    expect((await ended(rr.failover())).error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED' })
    expect([await portOf(pool), pool.totalCount]).toEqual([String(a.port), 1])
  })

  it('setSources() with one more: nothing moves, and it is there when it is needed', async () => {
    await using servers = await twoServers()
    const { rr, pool, a, b, proxyA, proxyB } = servers
    rr.setSources([urlOf(proxyA)])
    const client = await pool.connect()
    client.release()
    rr.setSources([urlOf(proxyB), urlOf(proxyA)])
    expect([await portOf(pool), proxyB.accepted]).toEqual([String(a.port), 0])
    await a.kill()
    expect(await portOf(pool)).toBe(String(b.port))
  })
})
