import { describe, expect, test } from 'vitest'
import type { Order } from '../engine/plan.ts'
import { Queue } from './queue.ts'

/** A queue, and whose turn it was. */
function queue() {
  const turns: string[] = []
  const tell = (thread: number, order: Order) => {
    if (order.type === 'turn') turns.push(`${thread}/${order.waiting}`)
  }
  return { queue: new Queue('b', tell), turns }
}

const wait = (waiting: number, server?: string) =>
  ({ type: 'wait', backend: 'b', waiting, ...(server && { server }) }) as const

/** It has got a place of this server, or is gone. */
const gone = (waiting: number, server?: string) =>
  ({ type: 'gone', backend: 'b', waiting, ...(server && { server }) }) as const

describe('the queue of a backend', () => {
  test('whoever comes may try at once: a place may have become free on the way', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1))
    expect(turns).toEqual(['0/1'])
  })

  test('who comes later does not try before those who wait', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1))
    q.full(0, 1)
    q.wait(0, wait(2))
    expect(turns).toEqual(['0/1', '0/1'])
  })

  test('who found no place keeps its place in the row', () => {
    const { queue: q, turns } = queue()
    for (const waiting of [1, 2, 3]) q.wait(0, wait(waiting))
    for (const waiting of [3, 1, 2]) q.full(0, waiting)
    turns.length = 0
    for (const server of ['s1', 's2', 's1']) q.released(server)
    expect(turns).toEqual(['0/1', '0/2', '0/3'])
  })

  test('a place that becomes free while somebody tries in vain is not lost', () => {
    const { queue: q, turns } = queue()
    q.wait(1, wait(7))
    q.released('s1')
    expect(turns).toEqual(['1/7'])
    q.full(1, 7)
    expect(turns).toEqual(['1/7', '1/7'])
  })

  test('it is known whose place that is', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1, 's1'))
    q.wait(0, wait(2, 's2'))
    q.released('s2')
    turns.length = 0
    q.full(0, 1)
    expect(turns).toEqual([])
    q.full(0, 2)
    expect(turns).toEqual(['0/2'])
  })

  test('places that nobody can take do not pile up', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1, 's1'))
    for (let at = 0; at < 5; at++) q.released('s2')
    for (let at = 0; at < 5; at++) q.released('s1')
    // One has come on the way here, and one while it tried.
    for (let at = 0; at < 5; at++) q.full(0, 1)
    expect(turns).toEqual(['0/1', '0/1'])
  })

  test("a place that its turn was for and that it did not take is the next one's", () => {
    const { queue: q, turns } = queue()
    for (const waiting of [1, 2, 3]) q.wait(0, wait(waiting))
    for (const waiting of [1, 2, 3]) q.full(0, waiting)
    turns.length = 0
    q.released('s1')
    q.gone(0, gone(1))
    expect(turns).toEqual(['0/1', '0/2'])
    q.gone(0, gone(2, 's2'))
    expect(turns).toEqual(['0/1', '0/2', '0/3'])
  })

  test('who has taken it leaves nothing to the next one', () => {
    const { queue: q, turns } = queue()
    for (const waiting of [1, 2]) q.wait(0, wait(waiting))
    for (const waiting of [1, 2]) q.full(0, waiting)
    turns.length = 0
    q.released('s1')
    q.gone(0, gone(1, 's1'))
    expect(turns).toEqual(['0/1'])
  })

  test('who tried before everybody could tries again', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1))
    q.everybody()
    expect(turns).toEqual(['0/1'])
    q.full(0, 1)
    expect(turns).toEqual(['0/1', '0/1'])
  })

  test('several turns are given at a time, one for each place', () => {
    const { queue: q, turns } = queue()
    for (const waiting of [1, 2, 3]) q.wait(0, wait(waiting))
    for (const waiting of [1, 2, 3]) q.full(0, waiting)
    turns.length = 0
    q.released('s1')
    q.released('s1')
    expect(turns).toEqual(['0/1', '0/2'])
  })

  test('who waits for one server is passed over for the place of another', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1, 's2'))
    q.wait(0, wait(2))
    q.full(0, 1)
    q.full(0, 2)
    turns.length = 0
    q.released('s1')
    q.released('s2')
    expect(turns).toEqual(['0/2', '0/1'])
  })

  test('who is gone has no turn any more', () => {
    const { queue: q, turns } = queue()
    for (const waiting of [1, 2]) q.wait(0, wait(waiting))
    for (const waiting of [1, 2]) q.full(0, waiting)
    q.gone(0, gone(1))
    turns.length = 0
    q.released('s1')
    q.released('s1')
    expect(turns).toEqual(['0/2'])
  })

  test('who waited in a thread that died is forgotten', () => {
    const { queue: q, turns } = queue()
    q.wait(0, wait(1))
    q.wait(1, wait(1))
    q.full(0, 1)
    q.full(1, 1)
    q.threadDied(0)
    turns.length = 0
    q.everybody()
    expect(turns).toEqual(['1/1'])
  })
})
