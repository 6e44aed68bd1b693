import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { cellsFor, shared, sharedOf } from '../src/engine/cells.ts'
import { lock, unlock } from '../src/engine/lock.ts'
import { Numbers } from '../src/engine/numbers.ts'

const cell = shared.turn

/** Has another thread do this. Resolves when it begins, to what tells when it has ended, and how. */
async function otherThread(
  cells: SharedArrayBuffer,
  thread: number,
  work: string,
  times: number,
): Promise<{ readonly ended: Promise<unknown[]> }> {
  const worker = new Worker(new URL('./parts/other-thread.mjs', import.meta.url), {
    workerData: { cells, thread, work, times, cell },
  })
  const ended = once(worker, 'exit')
  await once(worker, 'message')
  return { ended }
}

test('who waits for the lock sleeps until it is free', async () => {
  const cells = cellsFor(2)
  const numbers = sharedOf(cells)
  lock(numbers, 0)
  const { ended } = await otherThread(cells, 1, 'count', 1)
  const before = process.cpuUsage()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  const { user, system } = process.cpuUsage(before)
  expect(numbers[cell]).toBe(0)
  unlock(numbers)
  expect(await ended).toEqual([0])
  expect((user + system) / 1_000).toBeLessThan(200)
  expect([numbers[cell], numbers[shared.lock], numbers[shared.lockWanted]]).toEqual([1, 0, 0])
})

test('only one thread has the lock at a time', async () => {
  const cells = cellsFor(3)
  const times = 200_000
  const others = await Promise.all([0, 1, 2].map((thread) => otherThread(cells, thread, 'count', times)))
  expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([[0], [0], [0]])
  expect(sharedOf(cells)[cell]).toBe(3 * times)
})

test('who finds no place takes none for a moment either: another thread would find it full', async () => {
  const cells = cellsFor(2)
  const numbers = new Numbers(cells, 0)
  numbers.shared[shared.maxconn] = 1
  expect(numbers.tryEnter()).toBe(true)
  const { ended } = await otherThread(cells, 1, 'knock', 3_000_000)
  const seen = new Set<number>()
  for (let at = 0; at < 3_000_000; at++) seen.add(Atomics.load(numbers.shared, shared.cur))
  expect(await ended).toEqual([0])
  expect([...seen]).toEqual([1])
  expect(numbers.shared[shared.max]).toBe(1)
})
