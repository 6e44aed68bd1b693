import { counted, rowOf, samples, shared, sharedOf, threadsOf } from '../engine/cells.ts'

/** The numbers of one thing as the control thread reads them: the rows of all data threads added up. */
export class Sums {
  readonly cells: SharedArrayBuffer
  readonly shared: Int32Array
  readonly #rows: readonly Float64Array[]
  /** What was counted when the counters were cleared: threads go on counting, readers subtract. */
  readonly #cleared: Float64Array
  #lastTotal = 0
  /** Sessions in the last whole second, and the most in one. */
  rate = 0
  rateMax = 0

  constructor(cells: SharedArrayBuffer) {
    this.cells = cells
    this.shared = sharedOf(cells)
    this.#rows = Array.from({ length: threadsOf(cells) }, (_, thread) => rowOf(cells, thread))
    this.#cleared = new Float64Array(this.#rows[0]?.length ?? 0)
  }

  /** How many since the start, or since the counters were cleared. */
  total(cell: number): number {
    return this.#sum(cell) - (this.#cleared[cell] as number)
  }

  /** The largest of all threads: of a maximum, or a time. */
  largest(cell: number): number {
    return this.#rows.reduce((largest, row) => Math.max(largest, row[cell] as number), 0)
  }

  /** The average of a sliding sum, in whole milliseconds. */
  average(cell: number): number {
    const counts = Math.min(samples, Math.max(1, this.#sum(counted.lbtot)))
    return Math.floor(this.#sum(cell) / counts)
  }

  get current(): number {
    return Math.max(0, this.shared[shared.cur] as number)
  }

  get max(): number {
    return this.shared[shared.max] as number
  }

  get queued(): number {
    return Math.max(0, this.shared[shared.queued] as number)
  }

  get queuedMax(): number {
    return this.shared[shared.queuedMax] as number
  }

  /** To be called once a second. */
  sample(): void {
    const total = this.#sum(counted.stot)
    this.rate = total - this.#lastTotal
    this.#lastTotal = total
    if (this.rate > this.rateMax) this.rateMax = this.rate
  }

  /** The maxima begin again; with `all`, the counts too. */
  clear(all: boolean): void {
    this.shared[shared.max] = this.current
    this.shared[shared.queuedMax] = this.queued
    this.rateMax = 0
    for (const row of this.#rows)
      for (const cell of [counted.qtimeMax, counted.ctimeMax, counted.ttimeMax]) row[cell] = 0
    if (!all) return
    const kept: readonly number[] = [
      counted.cur,
      counted.queued,
      counted.parked,
      counted.lastsess,
      counted.qtime,
      counted.ctime,
      counted.ttime,
    ]
    for (const cell of this.#cleared.keys()) if (!kept.includes(cell)) this.#cleared[cell] = this.#sum(cell)
  }

  /** A thread has died: what it held is free again. What it counted stays counted. */
  giveBack(thread: number): void {
    const row = this.#rows[thread] as Float64Array
    const held = [
      [shared.cur, counted.cur],
      [shared.queued, counted.queued],
      [shared.parked, counted.parked],
    ] as const
    for (const [now, own] of held) {
      Atomics.sub(this.shared, now, row[own] as number)
      row[own] = 0
    }
    Atomics.compareExchange(this.shared, shared.lock, thread + 1, 0)
  }

  #sum(cell: number): number {
    let sum = 0
    for (const row of this.#rows) sum += row[cell] as number
    return sum
  }
}
