import { startProxy, waitFor } from '@tourniquet/testkit'
import type { ClientBase, PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import {
  below,
  checkOut,
  countsOf,
  driverName,
  follow,
  oneServer,
  pidOf,
  plainPool,
  pools,
  rejection,
  told,
} from './subjects.ts'

const server = oneServer()
const isLowest = driverName === 'pg-lowest'

const isGone = async (pid: number) =>
  (await server().query(`select 1 from pg_stat_activity where pid = ${pid}`)).length === 0

describe.each(pools)('limits of $name', ({ open }) => {
  it('max: never more than so many, also with 200 queries', async () => {
    await using opened = open(server().url, { max: 3 })
    const { pool } = opened
    let most = 0
    pool.on('acquire', () => {
      most = Math.max(most, pool.totalCount)
    })
    await Promise.all(below(200).map(() => pool.query('select 1')))
    expect([most, pool.totalCount]).toEqual([3, 3])
  })

  it('max is 10 by default', async () => {
    await using opened = open(server().url)
    await Promise.all(below(30).map(() => opened.pool.query('select pg_sleep(0.01)')))
    expect(opened.pool.totalCount).toBe(10)
  })

  it('max 1: one at a time', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const pids = await Promise.all(
      below(20).map(async () => (await pool.query('select pg_backend_pid() as p')).rows[0].p),
    )
    expect(new Set(pids).size).toBe(1)
  })

  it('idleTimeoutMillis: an idle one is ended after that', async () => {
    await using opened = open(server().url, { idleTimeoutMillis: 20 })
    const { pool } = opened
    const events = follow(pool)
    const client = await pool.connect()
    client.release()
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
    await waitFor(() => pool.totalCount === 0)
    await waitFor(() => events.includes('remove, client 1'))
    await waitFor(() => isGone(pidOf(client)))
    expect(events.filter((event) => event.startsWith('error'))).toEqual([])
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('idleTimeoutMillis: one that is used is not', async () => {
    await using opened = open(server().url, { idleTimeoutMillis: 100 })
    const { pool } = opened
    const client = await pool.connect()
    await client.query('select pg_sleep(0.3)')
    client.release()
    expect(await pool.connect()).toBe(client)
    client.release()
  })

  it('idleTimeoutMillis 0: never', async () => {
    await using opened = open(server().url, { idleTimeoutMillis: 0 })
    const client = await opened.pool.connect()
    client.release()
    await opened.pool.query('select pg_sleep(0.1)')
    expect(await opened.pool.connect()).toBe(client)
    client.release()
  })

  it.skipIf(isLowest)('min: as many stay, however long they are idle', async () => {
    await using opened = open(server().url, { min: 1, idleTimeoutMillis: 20 })
    const { pool } = opened
    for (const client of await checkOut(pool, 3)) client.release()
    expect(pool.totalCount).toBe(3)
    await waitFor(() => pool.totalCount === 1)
    const [kept] = await checkOut(pool, 1)
    await kept?.query('select pg_sleep(0.1)')
    kept?.release()
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
  })

  it('maxUses: replaced after that', async () => {
    await using opened = open(server().url, { max: 1, maxUses: 2 })
    const { pool } = opened
    const seen: PoolClient[] = []
    for (const _ of below(4)) {
      const client = await pool.connect()
      seen.push(client)
      client.release()
    }
    expect(seen.map((client) => seen.indexOf(client))).toEqual([0, 0, 2, 2])
    await waitFor(() => isGone(pidOf(seen[0] as PoolClient)))
  })

  it('maxUses counts queries, too', async () => {
    await using opened = open(server().url, { max: 1, maxUses: 3 })
    const pids: number[] = []
    for (const _ of below(6)) pids.push((await opened.pool.query('select pg_backend_pid() as p')).rows[0].p)
    expect(pids.map((pid) => pids.indexOf(pid))).toEqual([0, 0, 0, 3, 3, 3])
  })

  it('maxLifetimeSeconds: an idle one is ended after that', async () => {
    await using opened = open(server().url, { maxLifetimeSeconds: 0.05 })
    const { pool } = opened
    const client = await pool.connect()
    client.release()
    expect(pool.totalCount).toBe(1)
    await waitFor(() => pool.totalCount === 0)
    expect(pool.expiredCount).toBe(0)
    await waitFor(() => isGone(pidOf(client)))
  })

  it('maxLifetimeSeconds: one that is used is expired, and ended when it is released', async () => {
    await using opened = open(server().url, { maxLifetimeSeconds: 0.05 })
    const { pool } = opened
    const client = await pool.connect()
    expect(pool.expiredCount).toBe(0)
    await waitFor(() => pool.expiredCount === 1)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    client.release()
    expect([pool.totalCount, pool.expiredCount]).toEqual([0, 0])
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('log is told', async () => {
    const lines: unknown[] = []
    await using opened = open(server().url, { log: (...words) => lines.push(...words) })
    await opened.pool.query('select 1')
    expect(lines).toContain('connecting new client')
    expect(lines).toContain('new client connected')
  })

  it('bring your own Promise', async () => {
    class Own<T> extends Promise<T> {}
    await using opened = open(server().url, { Promise: Own })
    const { pool } = opened
    const connected = pool.connect()
    expect(connected).toBeInstanceOf(Own)
    ;(await connected).release()
    expect(pool.end()).toBeInstanceOf(Own)
  })
})

describe.each(pools)('connectionTimeoutMillis of $name', ({ open }) => {
  it('none is free: the waiter is told, and takes nobody’s place', async () => {
    await using opened = open(server().url, { max: 1, connectionTimeoutMillis: 2000 })
    const { pool } = opened
    const client = await pool.connect()
    const waiting = pool.connect()
    expect(pool.waitingCount).toBe(1)
    expect((await rejection(waiting)).message).toBe('timeout exceeded when trying to connect')
    expect(countsOf(pool)).toEqual({ total: 1, idle: 0, waiting: 0 })
    client.release()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('none is free: a query and a callback are told', async () => {
    await using opened = open(server().url, { max: 1, connectionTimeoutMillis: 2000 })
    const { pool } = opened
    const client = await pool.connect()
    const message = 'timeout exceeded when trying to connect'
    const [[error, none, done], query, [again]] = await Promise.all([
      told((callback) => pool.connect(callback as never)),
      rejection(pool.query('select 1')),
      told((callback) => pool.query('select 1', callback)),
    ])
    expect([(error as Error).message, none, done]).toEqual([message, undefined, undefined])
    expect(query.message).toBe(message)
    expect((again as Error).message).toBe(message)
    client.release()
  })

  it('one becomes free in time', async () => {
    await using opened = open(server().url, { max: 1, connectionTimeoutMillis: 5000 })
    const { pool } = opened
    const client = await pool.connect()
    const waiting = pool.connect()
    client.release()
    expect(await waiting).toBe(client)
    client.release()
  })

  it('the server is silent', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.mute()
    await using opened = open(proxy.url, { connectionTimeoutMillis: 100 })
    const { pool } = opened
    const started = performance.now()
    const error = await rejection(pool.connect())
    expect(error.message).toBe('Connection terminated due to connection timeout')
    expect(performance.now() - started).toBeLessThan(3 * 100 + 3000)
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('the server is silent, and answers later', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.mute()
    await using opened = open(proxy.url, { connectionTimeoutMillis: 200 })
    const { pool } = opened
    const errors = await Promise.all(below(3).map(() => rejection(pool.connect())))
    expect(errors).toHaveLength(3)
    await proxy.pass()
    // With ours a dial that has begun is its own, and lasts until it is given up.
    await waitFor(async () => (await pool.query('select 1 as n')).rows)
    await waitFor(() => pool.idleCount === pool.totalCount)
  })

  it('the server refuses', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.refuse()
    await using opened = open(proxy.url, { connectionTimeoutMillis: 5000 })
    const error = await rejection(opened.pool.connect())
    expect(error.message).toContain('ECONNREFUSED')
    expect(opened.pool.totalCount).toBe(0)
  })
})

describe.each(pools)('hooks of $name', ({ open }) => {
  const setUp = (client: ClientBase) => client.query("set my.setting = 'mine'") as unknown as undefined

  it.skipIf(isLowest)('onConnect is awaited before the client is handed out', async () => {
    await using opened = open(server().url, { onConnect: setUp })
    const { pool } = opened
    expect((await pool.query("select current_setting('my.setting') as s")).rows).toEqual([{ s: 'mine' }])
    const client = await pool.connect()
    expect((await client.query("select current_setting('my.setting') as s")).rows).toEqual([{ s: 'mine' }])
    client.release()
  })

  it.skipIf(isLowest)('onConnect is called once for each connection', async () => {
    const seen = new Set<ClientBase>()
    let calls = 0
    const onConnect = (client: ClientBase) => {
      calls++
      seen.add(client)
    }
    await using opened = open(server().url, { onConnect, max: 2 })
    const { pool } = opened
    await Promise.all(below(10).map(() => pool.query('select 1')))
    expect([calls, seen.size]).toEqual([pool.totalCount, pool.totalCount])
  })

  it.skipIf(isLowest)('onConnect that fails fails who asked, and the connection is closed', async () => {
    const pids: number[] = []
    const onConnect = (client: ClientBase) => {
      pids.push(pidOf(client as PoolClient))
      throw new Error('not this one')
    }
    await using opened = open(server().url, { onConnect })
    const { pool } = opened
    expect((await rejection(pool.connect())).message).toBe('not this one')
    expect((await rejection(pool.query('select 1'))).message).toBe('not this one')
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
    expect(pids).toHaveLength(2)
    for (const pid of pids) await waitFor(() => isGone(pid))
  })

  it('verify is asked once of each new client', async () => {
    let calls = 0
    const verify = (client: PoolClient, done: (error?: Error) => void) => {
      calls++
      client.query('select 1', (error) => done(error ?? undefined))
    }
    await using opened = open(server().url, { verify })
    for (const _ of below(3)) expect((await opened.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    expect(calls).toBe(1)
  })

  it('verify that refuses', async () => {
    const verify = (_: PoolClient, done: (error?: Error) => void) => done(new Error('not this one'))
    await using opened = open(server().url, { verify })
    const { pool } = opened
    expect((await rejection(pool.connect())).message).toBe('not this one')
    expect((await rejection(pool.query('select 1'))).message).toBe('not this one')
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('verify that refuses, with a callback', async () => {
    const verify = (_: PoolClient, done: (error?: Error) => void) => done(new Error('not this one'))
    await using opened = open(server().url, { verify })
    const [error, client] = await told((callback) => opened.pool.connect(callback as never))
    expect([(error as Error).message, client]).toEqual(['not this one', undefined])
  })
})

describe.each(pools)('the end of $name', ({ open }) => {
  it('by promise and by callback', async () => {
    await using byPromise = open(server().url)
    await byPromise.pool.query('select 1')
    expect(await byPromise.pool.end()).toBeUndefined()
    expect([byPromise.pool.ending, byPromise.pool.ended]).toEqual([true, true])
    await using byCallback = open(server().url)
    await byCallback.pool.query('select 1')
    const words = await told((callback) => byCallback.pool.end(callback))
    expect(words.filter((word) => word !== undefined)).toEqual([])
  })

  it('of one that was never used', async () => {
    await using opened = open(server().url)
    expect(await opened.pool.end()).toBeUndefined()
    expect(opened.pool.ended).toBe(true)
  })

  it('twice is refused', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    await pool.end()
    const message = 'Called end on pool more than once'
    expect((await rejection(pool.end())).message).toBe(message)
    const [error] = await told((callback) => pool.end(callback))
    expect((error as Error).message).toBe(message)
  })

  it('nothing is answered afterwards', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    await pool.query('select 1')
    await pool.end()
    const message = 'Cannot use a pool after calling end on the pool'
    expect((await rejection(pool.connect())).message).toBe(message)
    expect((await rejection(pool.query('select 1'))).message).toBe(message)
    const [connect] = await told((callback) => pool.connect(callback as never))
    const [query] = await told((callback) => pool.query('select 1', callback))
    expect([connect, query].map((error) => (error as Error).message)).toEqual([message, message])
  })

  it('waits for clients that are checked out', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const client = await pool.connect()
    const order: string[] = []
    const ended = pool.end().then(() => order.push('ended'))
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    order.push('queried')
    expect(pool.ended).toBe(false)
    client.release()
    await ended
    expect(order).toEqual(['queried', 'ended'])
    await waitFor(() => isGone(pidOf(client)))
  })

  it('lets queries finish that are under way', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    await pool.query('select 1')
    const query = pool.query('select pg_sleep(0.05), 1 as n')
    await waitFor(() => pool.idleCount === 0)
    await pool.end()
    expect((await query).rows[0].n).toBe(1)
  })

  it('closes all connections', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const held = await checkOut(pool, 4)
    for (const client of held) client.release()
    await pool.end()
    for (const client of held) await waitFor(() => isGone(pidOf(client)))
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('what is said of it is as with pg', async () => {
    await using opened = open(server().url)
    await using plain = plainPool.open(server().url)
    for (const { pool } of [opened, plain]) await pool.end()
    const [error, expected] = await Promise.all([opened, plain].map(({ pool }) => rejection(pool.query('select 1'))))
    expect(error?.constructor).toBe(expected?.constructor)
    expect(error?.message).toBe(expected?.message)
  })
})
