import type { Order, Report } from '../engine/plan.ts'

/** Somebody who waits for a server: a number that one data thread knows. */
interface Waiter {
  readonly thread: number
  readonly waiting: number
  readonly server: string | undefined
  /** Set while it tries, until it has said what came of it. */
  turn: Turn | undefined
}

interface Turn {
  /** For a place of this server; `anywhere`; or, not set, only since everybody may try. */
  readonly place: string | undefined
  readonly round: number
}

const anywhere = ''

/** How a data thread is told that it is somebody's turn. */
export type Tell = (thread: number, order: Order) => void

/**
 * Who waits for a server of one backend, of all threads, first come first served. Threads take and give back places by
 * themselves; here is only said whose turn it is to try. A turn that comes to nothing costs a message, a turn that is
 * not given would cost a connection its place: so when in doubt one is given.
 */
export class Queue {
  readonly #backend: string
  readonly #tell: Tell
  /** In the order of coming; who tries and finds no place has kept its own. */
  readonly #waiters = new Map<string, Waiter>()
  /** How many places of a server became free while all who could take them were trying: some may have tried too early. */
  readonly #late = new Map<string, number>()
  /** Counts how often everybody could try. */
  #round = 0

  constructor(backend: string, tell: Tell) {
    this.#backend = backend
    this.#tell = tell
  }

  wait(thread: number, { waiting, server }: Extract<Report, { type: 'wait' }>): void {
    this.#waiters.set(keyOf(thread, waiting), { thread, waiting, server, turn: undefined })
    // A place may have become free on the way here, when nobody waited. Who came first may try first.
    for (const waiter of this.#waiters.values()) {
      if (waiter.server !== server || waiter.turn) continue
      this.#give(waiter, server ?? anywhere)
      return
    }
  }

  /** It has got a place of this server; or it has given up, or its client is gone. */
  gone(thread: number, { waiting, server }: Extract<Report, { type: 'gone' }>): void {
    const key = keyOf(thread, waiting)
    const place = this.#waiters.get(key)?.turn?.place
    this.#waiters.delete(key)
    const isTaken = server !== undefined && (place === server || place === anywhere)
    if (place !== undefined && !isTaken) this.#offer(place)
    this.#offerLate()
  }

  /** It had its turn and found all full. */
  full(thread: number, waiting: number): void {
    const waiter = this.#waiters.get(keyOf(thread, waiting))
    if (!waiter?.turn) return
    const { place, round } = waiter.turn
    waiter.turn = undefined
    if (round !== this.#round) this.#give(waiter, place)
    else this.#offerLate()
  }

  /** A place of this server is free. */
  released(server: string): void {
    this.#offer(server)
  }

  /** A server came up, went out, or may take more: everybody may try. */
  everybody(): void {
    this.#round++
    for (const waiter of this.#waiters.values()) if (!waiter.turn) this.#give(waiter, undefined)
  }

  threadDied(thread: number): void {
    for (const [key, waiter] of this.#waiters) if (waiter.thread === thread) this.#waiters.delete(key)
  }

  /** To the first who can take it. */
  #offer(place: string): void {
    let trying = 0
    for (const waiter of this.#waiters.values()) {
      if (waiter.server !== undefined && waiter.server !== place) continue
      if (!waiter.turn) {
        this.#give(waiter, place)
        return
      }
      trying++
    }
    // More than they are they cannot take.
    const late = Math.min(trying, (this.#late.get(place) ?? 0) + 1)
    if (late > 0) this.#late.set(place, late)
  }

  /** Somebody has tried in vain, or is gone. */
  #offerLate(): void {
    if (this.#late.size === 0) return
    const late = [...this.#late]
    this.#late.clear()
    for (const [place, count] of late) for (let at = 0; at < count; at++) this.#offer(place)
  }

  #give(waiter: Waiter, place: string | undefined): void {
    const { thread, waiting, server } = waiter
    waiter.turn = { place, round: this.#round }
    this.#tell(thread, { type: 'turn', backend: this.#backend, waiting, ...(server !== undefined && { server }) })
  }
}

function keyOf(thread: number, waiting: number): string {
  return `${thread}/${waiting}`
}
