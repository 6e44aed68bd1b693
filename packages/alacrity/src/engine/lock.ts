import { shared } from './cells.ts'

/** Who has the lock has it for a microsecond, so others look again a few times before they sleep. */
const looks = 50

/** Waits until no other thread has the lock of these cells, and takes it. */
export function lock(cells: Int32Array, thread: number): void {
  for (let at = 1; Atomics.compareExchange(cells, shared.lock, 0, thread + 1) !== 0; at++)
    if (at % looks === 0) sleep(cells)
}

export function unlock(cells: Int32Array): void {
  Atomics.store(cells, shared.lock, 0)
  if ((cells[shared.lockWanted] as number) > 0) Atomics.notify(cells, shared.lock, 1)
}

function sleep(cells: Int32Array): void {
  // First said, then looked again: whoever unlocks after this look sees that it is wanted.
  Atomics.add(cells, shared.lockWanted, 1)
  const holder = Atomics.load(cells, shared.lock)
  // Not for ever: a thread that dies with it wakes nobody.
  if (holder !== 0) Atomics.wait(cells, shared.lock, holder, 1)
  Atomics.sub(cells, shared.lockWanted, 1)
}
