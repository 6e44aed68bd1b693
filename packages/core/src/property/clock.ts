import { vi } from 'vitest'

// Taken before the fake timers are in place. One real macrotask: all microtasks have run by then.
const realImmediate = setImmediate

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void realImmediate(resolve))
}

/**
 * A time-out is judged one macrotask after its timer, and a macrotask lasts 1 ms on the fake clock: what is due may come
 * so much later.
 */
export const graceMs = 3

export function now(): number {
  return performance.now()
}

/** The fake clock, and the timers of the fakes: so that those of the engine can be told from them. */
export class Clock {
  readonly #due: (() => void)[] = []
  /** All that have been set and may still be due. */
  readonly #timers = new Set<NodeJS.Timeout>()
  #pending = 0

  /** After the fake timers are in place. */
  constructor() {
    const { setTimeout: set, clearTimeout: clear } = globalThis
    const setTimer = (work: () => void, ms?: number) => {
      const timer = set(() => {
        this.#timers.delete(timer)
        work()
      }, ms)
      this.#timers.add(timer)
      return timer
    }
    const clearTimer = (timer?: NodeJS.Timeout) => {
      if (timer) this.#timers.delete(timer)
      clear(timer)
    }
    Object.assign(globalThis, { setTimeout: setTimer, clearTimeout: clearTimer })
  }

  /** Never less than 1 ms, as in Node. */
  later(ms: number, work: () => void): void {
    this.#pending++
    setTimeout(() => {
      this.#pending--
      this.#due.push(work)
    }, ms)
  }

  get engineTimers(): number {
    return vi.getTimerCount() - this.#pending
  }

  /** Those of them that keep the process alive. */
  get heldTimers(): number {
    return [...this.#timers].filter((timer) => timer.hasRef()).length - this.#pending
  }

  /**
   * Goes on timer by timer; `check` runs after each, when everything has settled. vi fires all timers of one moment
   * without a microtask between them, which no platform does: the fakes' own wait for each other here.
   */
  async advance(ms: number, check: () => void): Promise<void> {
    let isOver = false
    this.later(ms, () => {
      isOver = true
    })
    await settle()
    check()
    while (!isOver) {
      vi.advanceTimersToNextTimer()
      await settle()
      check()
      for (let work = this.#due.shift(); work; work = this.#due.shift()) {
        work()
        await settle()
        check()
      }
    }
  }
}
