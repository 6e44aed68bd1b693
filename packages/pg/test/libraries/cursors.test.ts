import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { type PostgresPair, startPostgresPair, waitFor } from '@tourniquet/testkit'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { PoolClient, Submittable } from 'pg'
import { describe, expect, it } from 'vitest'
import { overBoth } from './app.ts'

interface Cursor extends Submittable {
  read(count: number): Promise<{ n: number }[]>
  close(): Promise<void>
}

// They have no types of their own, or need those of each other.
const load = createRequire(import.meta.url)
const Cursor = load('pg-cursor') as new (text: string, values?: unknown[]) => Cursor
const QueryStream = load('pg-query-stream') as new (
  text: string,
  values: unknown[],
  config: { batchSize: number },
) => Submittable & Readable

const series = 'select generate_series(1, 1000) as n'
/** Its first rows come at once, and its last never. */
const endless = 'select n, case when n > 200 then pg_sleep(1e6) end from generate_series(1, 1000) as n'

/** A client of `rr.pool()`, whose server may be lost: then the pool goes on with the other one. */
async function withClient(work: (client: PoolClient, pair: PostgresPair) => Promise<void>): Promise<void> {
  await using pair = await startPostgresPair({ synchronous: true })
  await using rr = overBoth(pair)
  const client = await rr.pool().connect()
  try {
    await work(client, pair)
  } finally {
    client.release()
  }
  if (pair.primary.state !== 'running') await pair.standby.promote()
  await waitFor(() => rr.pool().query('create table after (n int)'))
}

/** What a promise comes to, within a time that is three times what is generous. */
async function settled<T>(promise: Promise<T>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not settle')), 3 * 2000)
  })
  const answer = promise.catch((error: unknown) => error)
  return await Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}

const lost = expect.objectContaining({ message: expect.stringMatching(/was lost/) })

describe('pg-cursor', () => {
  it('reads in parts, and is closed', async () => {
    await withClient(async (client) => {
      const cursor = client.query(new Cursor(series))
      expect(await cursor.read(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
      expect(await cursor.read(2)).toEqual([{ n: 4 }, { n: 5 }])
      await cursor.close()
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    })
  })

  it('a read that waits when the server is lost rejects; the next one, and close, settle', async () => {
    await withClient(async (client, { primary }) => {
      const cursor = client.query(new Cursor(endless))
      expect(await cursor.read(100)).toHaveLength(100)
      const reading = settled(cursor.read(200))
      await primary.kill()
      expect(await reading).toEqual(lost)
      expect(await settled(cursor.read(1))).toEqual(lost)
      expect(await settled(cursor.close())).toBeUndefined()
    })
  })

  it('a close that waits when the server is lost settles', async () => {
    await withClient(async (client, { primary }) => {
      const cursor = client.query(new Cursor(series))
      await cursor.read(1)
      await primary.freeze()
      const closing = settled(cursor.close())
      await primary.kill()
      expect(await closing).toBeUndefined()
    })
  })
})

describe('pg-query-stream', () => {
  it('gives all rows', async () => {
    await withClient(async (client) => {
      const rows: number[] = []
      for await (const { n } of client.query(new QueryStream(series, [], { batchSize: 50 }))) rows.push(n)
      expect(rows).toHaveLength(1000)
    })
  })

  it('ends with an error when the server is lost, and is closed', async () => {
    await withClient(async (client, { primary }) => {
      const stream = client.query(new QueryStream(endless, [], { batchSize: 50 }))
      const closed = new Promise((resolve) => stream.once('close', resolve))
      const reading = settled(
        (async () => {
          for await (const { n } of stream) if (n === 100) await primary.kill()
        })(),
      )
      expect(await reading).toEqual(lost)
      expect(await settled(closed)).toBeUndefined()
    })
  })
})

describe('Kysely', () => {
  it('a stream ends with an error when the server is lost', async () => {
    await using pair = await startPostgresPair({ synchronous: true })
    await using rr = overBoth(pair)
    const dialect = new PostgresDialect({ pool: rr.pool(), cursor: Cursor as never })
    const db = new Kysely<Record<string, never>>({ dialect })
    const rows = db.selectFrom(sql<{ n: number }>`(${sql.raw(endless)})`.as('rows')).select('rows.n')
    const reading = async () => {
      for await (const { n } of rows.stream(50)) if (n === 100) await pair.primary.kill()
    }
    expect(await settled(reading())).toEqual(lost)
    await pair.standby.promote()
    await waitFor(() => sql`create table after (n int)`.execute(db))
    await db.destroy()
  })
})
