import { counted, rowOf, samples, shared, sharedOf } from './cells.ts'

/** The numbers of one thing, as one data thread sees them: what all share, and its own row. */
export class Numbers {
  readonly shared: Int32Array
  readonly row: Float64Array

  constructor(cells: SharedArrayBuffer, thread: number) {
    this.shared = sharedOf(cells)
    this.row = rowOf(cells, thread)
  }

  /** As it counts now; 0: none. */
  get maxconn(): number {
    return this.shared[shared.maxconn] as number
  }

  /** One session more. */
  enter(): void {
    this.entered(Atomics.add(this.shared, shared.cur, 1) + 1)
  }

  /** One session more, unless `maxconn` is reached: however many threads ask, no more get in. */
  tryEnter(): boolean {
    const now = this.tryTake()
    if (now > 0) this.entered(now)
    return now > 0
  }

  /**
   * Takes a place, for which `entered` is to be called, or `giveBack`. Returns how many are taken now, 0: all were. One
   * that finds no place changes nothing: another thread would find it full for that moment, and wait for nobody.
   */
  tryTake(): number {
    const { maxconn } = this
    if (maxconn === 0) return Atomics.add(this.shared, shared.cur, 1) + 1
    for (let now = this.shared[shared.cur] as number; now < maxconn; ) {
      const seen = Atomics.compareExchange(this.shared, shared.cur, now, now + 1)
      if (seen === now) return now + 1
      now = seen
    }
    return 0
  }

  giveBack(): void {
    Atomics.sub(this.shared, shared.cur, 1)
  }

  entered(now: number): void {
    this.#raise(shared.max, now)
    this.add(counted.cur, 1)
  }

  /** Somebody is there for a moment, beside the others: takes no place. */
  pass(): void {
    this.#raise(shared.max, (this.shared[shared.cur] as number) + 1)
  }

  /** Returns whether it was full before. */
  leave(): boolean {
    const before = Atomics.sub(this.shared, shared.cur, 1)
    this.add(counted.cur, -1)
    return before === this.maxconn
  }

  get hasQueue(): boolean {
    return (this.shared[shared.queued] as number) > 0
  }

  /** Returns how many are waiting now. */
  queue(): number {
    const now = Atomics.add(this.shared, shared.queued, 1) + 1
    this.#raise(shared.queuedMax, now)
    this.add(counted.queued, 1)
    return now
  }

  unqueue(): void {
    Atomics.sub(this.shared, shared.queued, 1)
    this.add(counted.queued, -1)
  }

  add(cell: number, amount: number): void {
    this.row[cell] = (this.row[cell] as number) + amount
  }

  /** Into a sliding sum, and its maximum. */
  slide(cell: number, maxCell: number, ms: number): void {
    const sum = this.row[cell] as number
    this.row[cell] = sum - sum / samples + ms
    if (ms > (this.row[maxCell] as number)) this.row[maxCell] = ms
  }

  /** Two threads may have a new maximum at the same time: the larger one stays. */
  #raise(cell: number, to: number): void {
    for (let most = this.shared[cell] as number; to > most; )
      most = Atomics.compareExchange(this.shared, cell, most, to)
  }
}
