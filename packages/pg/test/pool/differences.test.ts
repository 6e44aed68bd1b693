import { ExhaustedError, OutcomeUnknownError, TourniquetError } from '@tourniquet/core'
import { startProxy, waitFor } from '@tourniquet/testkit'
import pg, { type Pool } from 'pg'
import { describe, expect, it } from 'vitest'
import { PgRoundRobin } from '../../src/index.ts'
import {
  below,
  clients,
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

// What is deliberately not as with a plain pool or client.

const server = oneServer()
const ours = pools.filter(({ isPlain }) => !isPlain)
/** Those whose `query` is a run, which knows what may be sent again. */
const running = ours.filter(({ name }) => name.startsWith('rr.') || name.includes('rr.driver'))
const [, ourClient] = clients as [(typeof clients)[number], (typeof clients)[number]]

/** What a promise has come to by now. */
const byNow = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    server()
      .query('select 1')
      .then(() => 'pending'),
  ])

/** What is seen of a plain pool before what is said of ours. */
async function withPlain(work: (pool: Pool) => Promise<unknown>, config = {}): Promise<void> {
  await using plain = plainPool.open(server().url, config)
  await work(plain.pool)
}

describe.each(running)('deliberately, queries of $name', ({ open }) => {
  it('a query that leaves a transaction open does not hand its client to the next; pg does', async () => {
    const begin = async (pool: Pool) => {
      await pool.query('begin')
      return pool.totalCount
    }
    await withPlain(async (pool) => expect(await begin(pool)).toBe(1))
    await using opened = open(server().url)
    expect(await begin(opened.pool)).toBe(0)
  })

  it('the first query waits for a server before it takes a place in the pool; pg takes that at once', async () => {
    const counts = (pool: Pool) => {
      pool.query('select 1').catch(() => {})
      return countsOf(pool)
    }
    await withPlain(async (pool) => expect(counts(pool)).toEqual({ total: 1, idle: 0, waiting: 0 }))
    await using opened = open(server().url)
    expect(counts(opened.pool)).toEqual({ total: 0, idle: 0, waiting: 0 })
  })

  it('a query that was lost says that it may have been applied, with the code of the driver', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const { pid } = (await pool.query('select pg_backend_pid() as pid')).rows[0]
    const failed = rejection(pool.query('select pg_sleep(60)'))
    const sleeps = `select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`
    await waitFor(async () => (await server().query(sleeps)).length === 1)
    await terminate(server(), pid)
    const error = await failed
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(error).toMatchObject({ code: '57P01', outcome: 'unknown' })
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('no server: the error tells of all that were tried, with the code of the driver', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.refuse()
    await using opened = open(proxy.url)
    const error = await rejection(opened.pool.query('select 1'))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error).toMatchObject({ code: 'ECONNREFUSED', outcome: 'not-applied' })
  })

  it('a session that was ended from outside while idle costs no query', async () => {
    await using opened = open(server().url, { max: 1 })
    const { pool } = opened
    const pid = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid
    const first = await pid()
    await terminate(server(), first)
    expect(await pid()).not.toBe(first)
  })
})

describe.each(ours)('deliberately, $name', ({ open }) => {
  it('no server: connect() fails with an error of ours, whose message has what the driver said', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.refuse()
    await using opened = open(proxy.url)
    const error = await rejection(opened.pool.connect())
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('an error that nobody listens to ends no process: the pool says nothing', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    const client = await pool.connect()
    client.release()
    await terminate(server(), pidOf(client))
    await waitFor(() => pool.totalCount === 0)
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('a client that is checked out and lost throws nothing where nobody listens', async () => {
    await using opened = open(server().url)
    const client = await opened.pool.connect()
    await terminate(server(), pidOf(client))
    await rejection(client.query('select 1'))
    client.release()
    expect(opened.pool.totalCount).toBe(0)
  })
})

describe('deliberately, the end of rr.pool()', () => {
  const waitInVain = async (pool: Pool) => {
    const client = await pool.connect()
    const waiting = pool.connect()
    const ended = pool.end()
    return { client, waiting: rejection(waiting), ended }
  }

  it('turns away who waits for a client; pg never answers them', async () => {
    await withPlain(
      async (pool) => {
        const { client, waiting, ended } = await waitInVain(pool)
        client.release()
        await ended
        expect(await byNow(waiting)).toBe('pending')
      },
      { max: 1 },
    )
    await using rr = new PgRoundRobin([server().url], { pool: { max: 1 } })
    const { client, waiting, ended } = await waitInVain(rr.pool())
    expect((await waiting).message).toBe('Cannot use a pool after calling end on the pool')
    client.release()
    await ended
  })

  it('turns away queries that wait, too: they were not sent', async () => {
    await using rr = new PgRoundRobin([server().url], { pool: { max: 1 } })
    const pool = rr.pool()
    const client = await pool.connect()
    const queries = below(3).map(() => rejection(pool.query('select 1')))
    await waitFor(() => pool.waitingCount === 3)
    const ended = pool.end()
    for (const error of await Promise.all(queries)) {
      expect(error.message).toBe('Cannot use a pool after calling end on the pool')
    }
    client.release()
    await ended
  })

  it('a new one takes its place', async () => {
    await using rr = new PgRoundRobin([server().url])
    const first = rr.pool()
    expect(rr.pool()).toBe(first)
    await first.end()
    const second = rr.pool()
    expect(second).not.toBe(first)
    expect((await second.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('close() of its PgRoundRobin ends it, without an error event', async () => {
    const rr = new PgRoundRobin([server().url])
    const pool = rr.pool()
    const events = follow(pool)
    await pool.query('select 1')
    await rr.close()
    expect(pool.totalCount).toBe(0)
    expect(events.filter((event) => event.startsWith('error'))).toEqual([])
    expect((await rejection(pool.query('select 1'))).message).toContain('closed')
    expect((await rejection(pool.connect())).message).toContain('closed')
    const [error] = await told((callback) => pool.connect(callback as never))
    expect((error as Error).message).toContain('closed')
  })
})

describe('deliberately, rr.Client', () => {
  it('end() with a query under way: that may have been applied; what waits behind it was not sent', async () => {
    await using opened = ourClient.open(server().url)
    const { client } = opened
    await client.connect()
    const [first, second] = ['select pg_sleep(60)', 'select 1'].map((text) => rejection(client.query(text)))
    await client.end()
    expect(await first).toBeInstanceOf(OutcomeUnknownError)
    expect(await first).toMatchObject({ outcome: 'unknown', cause: { message: 'Connection terminated' } })
    expect(await second).toBeInstanceOf(TourniquetError)
    expect(await second).toMatchObject({ outcome: 'not-applied', cause: { message: 'Connection terminated' } })
    await server().query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'")
  })

  it('end() while it connects gives up: connect() rejects, and nothing is left; with pg neither settles', async () => {
    await using opened = ourClient.open(server().url, { application_name: 'given up' })
    const { client } = opened
    const connecting = rejection(client.connect())
    await client.end()
    expect(await connecting).toBeInstanceOf(Error)
    const left = "select 1 from pg_stat_activity where application_name = 'given up'"
    await waitFor(async () => (await server().query(left)).length === 0)
  })

  it('connect that fails: what was asked before fails with the same; with pg that never settles', async () => {
    await using opened = ourClient.open(server().url.replace('/postgres@', '/nobody@'))
    const { client } = opened
    const queries = below(3).map(() => rejection(client.query('select 1')))
    expect(await rejection(client.connect())).toMatchObject({ code: '28000' })
    for (const error of await Promise.all(queries)) expect(String(error.cause ?? error)).toContain('nobody')
  })

  it('where a server is, the sources say: host and port of a client are not looked at', async () => {
    await using rr = new PgRoundRobin([server().url])
    const client = new rr.Client({ host: 'no.such.host.invalid', port: 1, application_name: 'elsewhere' })
    await client.connect()
    expect(client.port).toBe(server().port)
    expect((await client.query('show application_name')).rows).toEqual([{ application_name: 'elsewhere' }])
    await client.end()
  })

  it('rr.driver is the driver, but for Client and Pool', () => {
    const rr = new PgRoundRobin([server().url], { pg })
    const driver = rr.driver as typeof pg
    expect(driver.types).toBe(pg.types)
    expect(driver.Query).toBe(pg.Query)
    expect(driver.DatabaseError).toBe(pg.DatabaseError)
    expect(driver.escapeLiteral).toBe(pg.escapeLiteral)
    expect(driver.Client).toBe(rr.Client)
    expect(new driver.Pool()).toBeInstanceOf(pg.Pool)
  })
})

describe.each(running)('the promise and the callback of $name', ({ open }) => {
  it('a config with a callback of its own: the promise is told, and it is not', async () => {
    await using opened = open(server().url)
    const { pool } = opened
    let calls = 0
    const config = { text: 'select $1::int as n', values: [1], callback: () => calls++ }
    expect((await pool.query(config))?.rows).toEqual([{ n: 1 }])
    expect([calls, pool.totalCount, pool.idleCount]).toEqual([0, 1, 1])
  })

  it('a query that is ended by query_timeout: it may have been applied', async () => {
    await using opened = open(server().url, { query_timeout: 1000, max: 1 })
    const { pool } = opened
    const error = await rejection(pool.query('select pg_sleep(60)'))
    expect(String(error.cause ?? error)).toContain('Query read timeout')
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('query returns a Promise of the class that is given', async () => {
    class Own<T> extends Promise<T> {}
    await using opened = open(server().url, { Promise: Own })
    const query = opened.pool.query('select 1')
    await query
    expect(query).toBeInstanceOf(Own)
  })
})

describe('end() of rr.pool() and close() at once', () => {
  it('who waited is told that nothing was sent', async () => {
    const rr = new PgRoundRobin([server().url], { pool: { max: 1 } })
    const pool = rr.pool()
    const client = await pool.connect()
    const waiting = rejection(pool.query('select 1'))
    await waitFor(() => pool.waitingCount === 1)
    const ended = pool.end()
    const closed = rr.close({ drainMs: 0 })
    client.release()
    await Promise.all([ended, closed])
    expect(await waiting).not.toBeInstanceOf(OutcomeUnknownError)
  })

  it('remove is said once of each', async () => {
    const rr = new PgRoundRobin([server().url])
    const pool = rr.pool()
    const events = follow(pool)
    await pool.query('select 1')
    await Promise.all([pool.end(), rr.close()])
    await waitFor(() => events.some((event) => event.startsWith('remove')))
    expect(events.filter((event) => event.startsWith('remove'))).toEqual(['remove, client 1'])
  })
})

// Bug (G5): a client that will never be connected keeps what it is asked, as that of pg does, and answers nothing.
describe('a query of rr.Client settles', () => {
  it('after a connect that has failed', async () => {
    await using opened = ourClient.open(server().url.replace('/postgres@', '/nobody@'))
    const { client } = opened
    await rejection(client.connect())
    expect(await byNow(client.query('select 1'))).toBe('rejected')
  })

  it('with end(), where nobody had called connect()', async () => {
    await using opened = ourClient.open(server().url)
    const { client } = opened
    const query = byNow(client.query('select 1'))
    await client.end()
    expect(await query).toBe('rejected')
  })

  it('after end() while it connected', async () => {
    await using opened = ourClient.open(server().url)
    const { client } = opened
    const connecting = rejection(client.connect())
    await client.end()
    await connecting
    expect(await byNow(client.query('select 1'))).toBe('rejected')
  })
})
