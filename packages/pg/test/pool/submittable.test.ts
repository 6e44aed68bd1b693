import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { waitFor } from '@tourniquet/testkit'
import pg, { type Client, type PoolClient, type Submittable } from 'pg'
import { describe, expect, it } from 'vitest'
import { below, clients, ignore, oneServer, plainPool, pools, rejection, told } from './subjects.ts'

interface Cursor extends Submittable {
  read(count: number): Promise<{ n: number }[]>
  read(count: number, callback: (error: Error | undefined, rows: { n: number }[]) => void): void
  close(): Promise<void>
}

type CursorConstructor = new (text: string, values?: unknown[], config?: { rowMode?: 'array' }) => Cursor
type QueryStreamConstructor = new (
  text: string,
  values?: unknown[],
  config?: { batchSize?: number },
) => Submittable & Readable

// They have no types of their own, or need those of each other.
const load = createRequire(import.meta.url)
const Cursor = load('pg-cursor') as CursorConstructor
const QueryStream = load('pg-query-stream') as QueryStreamConstructor

const server = oneServer()
const series = 'select generate_series(1, $1::int) as n'
const numbers = (rows: readonly { n: number }[]) => rows.map(({ n }) => n)
const upTo = (count: number) => below(count).map((n) => n + 1)

/** What the pool's own promise is told is of no interest: it may wait until the test ends all. */
function unanswered(pool: pg.Pool, query: Submittable): void {
  Promise.resolve(pool.query(query)).catch(ignore)
}

/** All that a query says, until it has ended. */
function eventsOf(query: pg.Query): Promise<unknown[]> {
  const events: unknown[] = []
  return new Promise((resolve) => {
    query.on('row', (row) => events.push(row))
    query.on('error', (error) => resolve([...events, error]))
    query.on('end', ({ command, rowCount }) => resolve([...events, [command, rowCount]]))
  })
}

/** Does something with a client that is checked out, and gives it back. */
async function withClient<T>(pool: pg.Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

describe.each(pools)('what submits itself, on a client of $name', ({ open }) => {
  it('a pg.Query: row and end', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const query = new pg.Query(series, [2])
      const events = eventsOf(query)
      expect(client.query(query)).toBe(query)
      expect(await events).toEqual([{ n: 1 }, { n: 2 }, ['SELECT', 2]])
    })
  })

  it('a pg.Query: error', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const query = new pg.Query('select nosuch')
      const events = eventsOf(query)
      client.query(query)
      const [error] = await events
      expect(error).toBeInstanceOf(pg.DatabaseError)
      expect(error).toMatchObject({ code: '42703' })
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })

  it('a pg.Query with a callback of its own, or beside it', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const [none, own] = await told((callback) => client.query(new pg.Query('select 1 as n', callback)))
      expect([none, (own as pg.QueryResult).rows]).toEqual([null, [{ n: 1 }]])
      const submit = client.query.bind(client) as (query: pg.Query, callback: (...words: unknown[]) => void) => unknown
      const [, beside] = await told((callback) => submit(new pg.Query('select 2 as n'), callback))
      expect((beside as pg.QueryResult).rows).toEqual([{ n: 2 }])
    })
  })

  it('a cursor reads in parts, to its end', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const cursor = client.query(new Cursor(series, [5]))
      expect(numbers(await cursor.read(2))).toEqual([1, 2])
      expect(numbers(await cursor.read(2))).toEqual([3, 4])
      expect(numbers(await cursor.read(2))).toEqual([5])
      expect(await cursor.read(2)).toEqual([])
      await cursor.close()
    })
  })

  it('a cursor by callback', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const cursor = client.query(new Cursor(series, [3]))
      const [error, rows] = await told((callback: (error: Error | undefined, rows: { n: number }[]) => void) =>
        cursor.read(10, callback),
      )
      expect([error ?? null, numbers(rows)]).toEqual([null, [1, 2, 3]])
      await cursor.close()
    })
  })

  it('a cursor that is closed early lets the client go on', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const cursor = client.query(new Cursor(series, [1000]))
      await cursor.read(1)
      await cursor.close()
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })

  it('a cursor whose text is wrong', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const cursor = client.query(new Cursor('select nosuch'))
      expect(await rejection(cursor.read(1))).toMatchObject({ code: '42703' })
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })

  it('a cursor with rowMode array, and one that waits for a query before it', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const slow = client.query('select pg_sleep(0.02)')
      const cursor = client.query(new Cursor(series, [2], { rowMode: 'array' }))
      expect(await cursor.read(5)).toEqual([[1], [2]])
      await slow
      await cursor.close()
    })
  })

  it('a stream, to its end', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const stream = client.query(new QueryStream(series, [250], { batchSize: 100 }))
      const rows: { n: number }[] = []
      for await (const row of stream) rows.push(row)
      expect(numbers(rows)).toEqual(upTo(250))
    })
  })

  it('a stream that is left early lets the client go on', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const stream = client.query(new QueryStream(series, [10_000]))
      for await (const row of stream) {
        expect(row).toEqual({ n: 1 })
        break
      }
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })

  it('a stream whose text is wrong', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const stream = client.query(new QueryStream('select nosuch'))
      const reading = async () => {
        for await (const _ of stream) throw new Error('there is no row')
      }
      expect(await rejection(reading())).toMatchObject({ code: '42703' })
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })

  it('one that says it cannot be submitted is told so', async () => {
    await using opened = open(server().url)
    await withClient(opened.pool, async (client) => {
      const query = new pg.Query({ text: undefined as unknown as string })
      const events = eventsOf(query)
      client.query(query)
      expect(((await events)[0] as Error).message).toMatch(/must have either text or a name/)
      expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    })
  })
})

describe.each(pools)('what submits itself, on $name itself', ({ open }) => {
  it('a pg.Query is told by its own events', async () => {
    await using opened = open(server().url)
    const query = new pg.Query(series, [2])
    const events = eventsOf(query)
    unanswered(opened.pool, query)
    expect(await events).toEqual([{ n: 1 }, { n: 2 }, ['SELECT', 2]])
  })

  it('what is returned for a pg.Query settles as it does with pg', async () => {
    await using opened = open(server().url)
    await using plain = plainPool.open(server().url)
    const settle = async (pool: pg.Pool) => {
      const query = new pg.Query('select 1 as n')
      const events = eventsOf(query)
      const returned = pool.query(query) as unknown
      expect(returned).toBeInstanceOf(Promise)
      await events
      const late = new Promise((resolve) => setImmediate(resolve, 'nothing yet'))
      const result = await Promise.race([returned, late])
      return [(result as pg.QueryResult).rows ?? result, pool.totalCount, pool.idleCount]
    }
    expect(await settle(opened.pool)).toEqual(await settle(plain.pool))
  })

  it('a cursor reads, and keeps its client', async () => {
    await using opened = open(server().url)
    const cursor = new Cursor(series, [3])
    unanswered(opened.pool, cursor)
    expect(numbers(await cursor.read(2))).toEqual([1, 2])
    expect([opened.pool.totalCount, opened.pool.idleCount]).toEqual([1, 0])
  })

  it('a stream is read to its end', async () => {
    await using opened = open(server().url)
    const stream = new QueryStream(series, [250])
    unanswered(opened.pool, stream)
    const rows: { n: number }[] = []
    for await (const row of stream) rows.push(row)
    expect(numbers(rows)).toEqual(upTo(250))
  })
})

describe.each(clients)('what submits itself, on $name', ({ open }) => {
  it('a query, a cursor and a stream that wait for the connection', async () => {
    await using opened = open(server().url)
    const client: Client = opened.client
    const query = new pg.Query('select 1 as n')
    const events = eventsOf(query)
    client.query(query)
    const cursor = client.query(new Cursor(series, [2]))
    const read = cursor.read(5)
    const closed = read.then(() => cursor.close())
    const stream = client.query(new QueryStream(series, [3]))
    const rows: { n: number }[] = []
    stream.on('data', (row) => rows.push(row))
    await client.connect()
    expect(await events).toEqual([{ n: 1 }, ['SELECT', 1]])
    expect(numbers(await read)).toEqual([1, 2])
    await closed
    await waitFor(() => rows.length === 3)
    expect(numbers(rows)).toEqual([1, 2, 3])
    await client.end()
  })
})
