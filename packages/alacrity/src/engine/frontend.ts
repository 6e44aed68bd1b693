import type { Socket } from 'node:net'
import type { ProxyConfig } from '../config/model.ts'
import { counted, shared } from './cells.ts'
import { Numbers } from './numbers.ts'
import type { ProxyPlan } from './plan.ts'

/** An accepted connection that waits at the door, and what it came through. */
export interface Parked {
  readonly socket: Socket
  readonly acceptProxy: boolean
}

/** A frontend as a data thread sees it. */
export class Frontend {
  readonly serial: number
  readonly numbers: Numbers
  config: ProxyConfig
  readonly #process: Numbers
  /** Accepted above a limit. Node cannot stop accepting, so they stand here, unread, as they would in the kernel's queue. */
  readonly #parked: Parked[] = []

  constructor(plan: ProxyPlan, process: Numbers, thread: number) {
    this.serial = plan.serial
    this.numbers = new Numbers(plan.frontend as SharedArrayBuffer, thread)
    this.config = plan.config
    this.#process = process
  }

  get name(): string {
    return this.config.name
  }

  /** Takes one place of the frontend and one of the process, or none. */
  tryEnter(): boolean {
    // Its own first: who finds the process full is told when it is not, who finds a place taken that is given back is not.
    const now = this.numbers.tryTake()
    if (now === 0) return false
    if (this.#process.tryEnter()) {
      this.numbers.entered(now)
      return true
    }
    this.numbers.giveBack()
    return false
  }

  /** Returns whether other threads are to be told that there is room: first a place is given back, then looked who waits for it. */
  leave(): boolean {
    this.numbers.leave()
    const wasFull = this.#process.leave()
    return othersHaveParked(this.numbers) || (wasFull && othersHaveParked(this.#process))
  }

  get hasParked(): boolean {
    return this.#parked.length > 0
  }

  /** To be followed by a look whether there is room now: who made it before this did not see that anybody waits. */
  park(parked: Parked): void {
    this.#parked.push(parked)
    this.#countParked(1)
  }

  unpark(): Parked | undefined {
    const parked = this.#parked.shift()
    if (!parked) return undefined
    this.#countParked(-1)
    return parked
  }

  /** Nobody is let in any more. */
  empty(): void {
    for (let parked = this.unpark(); parked; parked = this.unpark()) parked.socket.destroy()
  }

  #countParked(more: 1 | -1): void {
    for (const numbers of [this.numbers, this.#process]) {
      Atomics.add(numbers.shared, shared.parked, more)
      numbers.add(counted.parked, more)
    }
  }
}

/** Is somebody parked whom this thread does not have? */
function othersHaveParked({ shared: cells, row }: Numbers): boolean {
  return Atomics.load(cells, shared.parked) > (row[counted.parked] as number)
}
