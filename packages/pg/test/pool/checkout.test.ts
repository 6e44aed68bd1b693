import { waitFor } from '@tourniquet/testkit'
import pg, { type PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import {
  below,
  checkOut,
  clientsIn,
  countsOf,
  follow,
  oneServer,
  pidOf,
  plainPool,
  pools,
  rejection,
  terminate,
  told,
} from './subjects.ts'

const server = oneServer()

type Release = (error?: Error | boolean) => void

describe.each(pools)('clients of $name', ({ open }) => {
  it('it is a Pool of pg, and its clients are Clients of pg', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    expect(pool).toBeInstanceOf(Object.getPrototypeOf(pg.Pool)) // pg-pool's own class
    expect(pool.constructor.name).toContain('Pool')
    const client = await pool.connect()
    expect(client).toBeInstanceOf(pg.Client)
    expect(client).toHaveProperty('release', expect.any(Function))
    client.release()
  })

  it('connect by promise', async () => {
    await using opened = open(server().url)
    const client = await opened.pool.connect()
    expect((await client.query('select $1::text as text', ['a'])).rows).toEqual([{ text: 'a' }])
    client.release()
  })

  it('connect by callback: no error, the client, and its release', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const [error, client, done] = await told<[unknown, PoolClient, Release]>((callback) =>
      pool.connect(callback as never),
    )
    expect(error).toBeUndefined()
    expect(client).toHaveProperty('release', done)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    done()
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
  })

  it('connect with a callback returns nothing', async () => {
    await using opened = open(server().url)
    const returned: unknown[] = []
    await told((callback) => returned.push(opened.pool.connect(callback as never)))
    expect(returned).toEqual([undefined])
  })

  it('connect that fails, by promise and by callback', async () => {
    await using opened = open(server().url.replace('/postgres@', '/nobody@'))
    const { pool } = opened
    const events = follow(pool)
    expect(await rejection(pool.connect())).toMatchObject({ code: '28000' })
    const [error, client, done] = await told<[Error, unknown, Release]>((callback) => pool.connect(callback as never))
    expect(error).toMatchObject({ code: '28000' })
    expect(client).toBeUndefined()
    expect(done).toBeTypeOf('function')
    done()
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
    expect(events).toEqual([])
  })

  it('each that fails is told, also those who wait behind max', async () => {
    await using opened = open(server().url.replace('/postgres@', '/nobody@'), { max: 2 })
    const errors = await Promise.all(below(7).map(() => rejection(opened.pool.query('select 1'))))
    expect(errors.map(({ code }) => code)).toEqual(below(7).map(() => '28000'))
    expect(countsOf(opened.pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('counts at each point', async () => {
    await using opened = open(server().url, { max: 2 })
    const { pool } = opened
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
    const [first, second, third] = below(3).map(() => pool.connect()) as [
      Promise<PoolClient>,
      Promise<PoolClient>,
      Promise<PoolClient>,
    ]
    expect(countsOf(pool)).toEqual({ total: 2, idle: 0, waiting: 1 })
    const a = await first
    const b = await second
    expect(countsOf(pool)).toEqual({ total: 2, idle: 0, waiting: 1 })
    a.release()
    expect(await third).toBe(a)
    expect(countsOf(pool)).toEqual({ total: 2, idle: 0, waiting: 0 })
    b.release()
    expect(countsOf(pool)).toEqual({ total: 2, idle: 1, waiting: 0 })
    a.release()
    expect(countsOf(pool)).toEqual({ total: 2, idle: 2, waiting: 0 })
    expect(pool.expiredCount).toBe(0)
    await pool.end()
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('counts of queries, once it is connected', async () => {
    await using opened = open(server().url, { max: 2 })
    const { pool } = opened
    await pool.query('select 1')
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
    const queries = below(5).map((n) => pool.query('select $1::int as n', [n]))
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 5 }) // who finds one idle waits for the next tick
    await Promise.all(queries)
    expect(countsOf(pool).waiting).toBe(0)
    expect(countsOf(pool).idle).toBe(pool.totalCount)
  })

  it('counts of many queries, with no client idle', async () => {
    await using opened = open(server().url, { max: 2 })
    const { pool } = opened
    const held = await checkOut(pool, 2)
    const queries = below(5).map((n) => pool.query('select $1::int as n', [n]))
    expect(countsOf(pool)).toEqual({ total: 2, idle: 0, waiting: 5 })
    for (const client of held) client.release()
    const results = await Promise.all(queries)
    expect(results.map(({ rows }) => rows[0].n)).toEqual(below(5))
    expect(countsOf(pool)).toEqual({ total: 2, idle: 2, waiting: 0 })
  })

  it('the one released last is used first', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const [a, b] = (await checkOut(pool, 2)) as [PoolClient, PoolClient]
    a.release()
    b.release()
    expect(await pool.connect()).toBe(b)
    expect(await pool.connect()).toBe(a)
  })

  it('those who wait are served in their order', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const order: number[] = []
    const one = async (n: number) => {
      const client = await pool.connect()
      order.push(n)
      client.release()
    }
    await Promise.all(below(20).map(one))
    expect(order).toEqual(below(20))
  })

  it('a session keeps its state from one who checks it out to the next', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const client = await pool.connect()
    await client.query("set my.setting = 'kept'")
    client.release()
    expect((await pool.query("select current_setting('my.setting') as s")).rows).toEqual([{ s: 'kept' }])
  })

  it('release(error) and release(true) remove the client', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    for (const why of [new Error('mine'), true]) {
      const client = await pool.connect()
      const pid = pidOf(client)
      client.release(why)
      expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
      await waitFor(
        async () => (await server().query(`select 1 from pg_stat_activity where pid = ${pid}`)).length === 0,
      )
    }
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('release(false) and release() keep it', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    for (const why of [false, undefined]) {
      const client = await pool.connect()
      client.release(why)
      expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
    }
  })

  it('release(error) makes room for who waits', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const first = await pool.connect()
    const waiting = pool.connect()
    first.release(new Error('mine'))
    const second = await waiting
    expect(second).not.toBe(first)
    expect((await second.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    second.release()
  })

  it('a second release throws, also when it was checked out anew since', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const message = 'Release called on client which has already been released to the pool.'
    const client = await pool.connect()
    const release: Release = Reflect.get(client, 'release')
    client.release()
    expect(() => client.release()).toThrow(message)
    expect(await pool.connect()).toBe(client)
    expect(() => release()).toThrow(message)
    client.release()
    expect(() => client.release(true)).toThrow(message)
    expect(countsOf(pool)).toEqual({ total: 1, idle: 1, waiting: 0 })
  })

  it('a client that was ended is removed when it is released', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const client = await pool.connect()
    await client.end()
    client.release()
    expect(countsOf(pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('connect() of a client of the pool is refused', async () => {
    await using opened = open(server().url)
    const client = await opened.pool.connect()
    const message = 'Client has already been connected. You cannot reuse a client.'
    expect((await rejection(client.connect())).message).toBe(message)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    client.release()
  })

  it('pool.Client and pool.options are there', async () => {
    await using opened = open(server().url, { max: 3, min: 1, idleTimeoutMillis: 100, maxUses: 7 })
    await using plain = plainPool.open(server().url, { max: 3, min: 1, idleTimeoutMillis: 100, maxUses: 7 })
    const { pool } = opened
    const names = ['max', 'min', 'idleTimeoutMillis', 'maxUses', 'allowExitOnIdle', 'maxLifetimeSeconds'] as const
    const pick = (options: pg.PoolOptions) => names.map((name) => options[name])
    expect(pick(pool.options)).toEqual(pick(plain.pool.options))
    const { Client } = pool as unknown as { Client: typeof pg.Client }
    expect(new Client()).toBeInstanceOf(pg.Client)
    expect([pool.ending, pool.ended]).toEqual([false, false])
  })
})

describe.each(pools)('events of $name', ({ open }) => {
  /** When a client is said to be removed differs between the versions of pg. */
  const expectAsPlain = async (scenario: (pool: pg.Pool) => Promise<unknown>, config: pg.PoolConfig = {}) => {
    await using plain = plainPool.open(server().url, config)
    const expected = follow(plain.pool)
    await scenario(plain.pool)
    await using opened = open(server().url, config)
    const events = follow(opened.pool)
    await scenario(opened.pool)
    expect(events).toEqual(expected)
    return [...events] // what the end of the test adds is not of it
  }
  const removed = (pool: pg.Pool) => new Promise((resolve) => pool.once('remove', resolve))

  it('of one that is checked out twice', async () => {
    const events = await expectAsPlain(async (pool) => {
      for (const _ of below(2)) (await pool.connect()).release()
    })
    const again = ['acquire, client 1', 'release, undefined, client 1']
    expect(events).toEqual(['connect, client 1', ...again, ...again])
  })

  it('of queries', async () => {
    await using opened = open(server().url)
    const events = follow(opened.pool)
    await opened.pool.query('select 1')
    await told((callback) => opened.pool.query('select 1', callback))
    const again = ['acquire, client 1', 'release, none, client 1']
    // With pg that is null, which it got from its own callback.
    const found = events.map((event) => event.replace(/null|undefined/, 'none'))
    expect(found).toEqual(['connect, client 1', ...again, ...again])
  })

  it('of a client that is released with an error', async () => {
    const events = await expectAsPlain(async (pool) => {
      const client = await pool.connect()
      const gone = removed(pool)
      client.release(new Error('mine'))
      await gone
    })
    expect(events).toContain('release, mine, client 1')
    expect(events).toContain('remove, client 1')
  })

  it('of an end with a client idle and one checked out', async () => {
    await expectAsPlain(async (pool) => {
      const a = await pool.connect()
      const b = await pool.connect()
      a.release()
      const first = removed(pool)
      const ended = pool.end()
      await first
      const second = removed(pool)
      b.release()
      await Promise.all([ended, second])
    })
  })

  it('remove is said once of each', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const events = follow(pool)
    for (const client of await checkOut(pool, 3)) client.release()
    await pool.end()
    const said = () => events.filter((event) => event.startsWith('remove')).sort()
    await waitFor(() => said().length === 3)
    expect(said()).toEqual(['remove, client 1', 'remove, client 2', 'remove, client 3'])
  })

  it('connect is emitted before the client is handed out, so that what is asked there is asked first', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    pool.on('connect', (client) => void client.query("set my.setting = 'first'"))
    expect((await pool.query("select current_setting('my.setting') as s")).rows).toEqual([{ s: 'first' }])
    expect(pool.totalCount).toBe(1)
  })

  it('once, off and removeAllListeners', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const seen: string[] = []
    const acquire = () => seen.push('acquire')
    pool.once('connect', () => seen.push('connect')).on('acquire', acquire)
    await pool.query('select 1')
    pool.off('acquire', acquire)
    await pool.query('select 1')
    pool.removeAllListeners()
    expect(seen).toEqual(['connect', 'acquire'])
    expect(pool.eventNames()).toEqual([])
  })
})

describe.each(pools)('losses of $name', ({ open }) => {
  it('an idle client that is lost is removed, and the pool says so', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const client = await pool.connect()
    client.release()
    const errors: unknown[][] = []
    pool.on('error', (...words: unknown[]) => errors.push(words))
    await terminate(server(), pidOf(client))
    await waitFor(() => errors.length > 0)
    const [[error, lost]] = errors as [[Error & { client: unknown }, unknown]]
    expect(lost).toBe(client)
    expect(error.client).toBe(client)
    expect(error).toMatchObject({ code: '57P01' })
    expect(clientsIn(pool)).toEqual([])
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    expect(errors).toHaveLength(1)
  })
})
