import type { EventEmitter } from 'node:events'
import type { Pool } from 'pg'
import { describe, expect, it } from 'vitest'
import { below, checkOut, clients, clientsIn, oneServer, pools, rejection } from './subjects.ts'

const server = oneServer()

/** How many listen to each event of an emitter. */
function listenersOf(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]))
}

/** … of a pool, its clients, their connections and sockets. */
function allListeners(pool: Pool): unknown {
  const inside = clientsIn(pool).map((client) => [client, client.connection, client.connection.stream].map(listenersOf))
  return [listenersOf(pool), inside]
}

/** Does something often, a few at a time. */
async function often(times: number, work: () => Promise<unknown>): Promise<void> {
  const one = async () => {
    for (const _ of below(times / 4)) await work()
  }
  await Promise.all(below(4).map(one))
}

describe.each(pools)('listeners of $name', ({ open }) => {
  it('nobody listens to a new pool', async () => {
    await using opened = open(server().url)
    expect(opened.pool.eventNames()).toEqual([])
    await opened.pool.query('select 1')
    expect(opened.pool.eventNames()).toEqual([])
  })

  it('none is left by 10,000 queries', async () => {
    await using opened = open(server().url, { max: 2, idleTimeoutMillis: 0 })
    const { pool } = opened
    for (const client of await checkOut(pool, 2)) client.release()
    await often(100, () => pool.query('select $1::int as n', [1]))
    const before = allListeners(pool)
    await often(10_000, () => pool.query('select $1::int as n', [1]))
    expect(allListeners(pool)).toEqual(before)
    expect(pool.totalCount).toBe(2)
  })

  it('none is left by 1,000 that are checked out, or fail', async () => {
    await using opened = open(server().url, { max: 2, idleTimeoutMillis: 0 })
    const { pool } = opened
    const use = async () => {
      const client = await pool.connect()
      await rejection(client.query('select nosuch'))
      client.release()
    }
    await often(20, use)
    const before = allListeners(pool)
    await often(1000, use)
    expect(allListeners(pool)).toEqual(before)
  })

  it('a client that is checked out has those of a plain one, and one for its errors', async () => {
    await using opened = open(server().url)
    const [client] = await checkOut(opened.pool, 1)
    expect(client?.listenerCount('error')).toBeLessThanOrEqual(1)
    expect(client?.listenerCount('end')).toBe(0)
    client?.release()
  })
})

describe.each(clients)('listeners of $name', ({ open }) => {
  it('none is left by 10,000 queries', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    const all = () => [client, client.connection, client.connection.stream].map(listenersOf)
    await client.query('select 1')
    const before = all()
    for (const _ of below(10_000)) await client.query('select 1')
    expect(all()).toEqual(before)
  })
})
