import type { Calls } from './calls.ts'
import { pause } from './pause.ts'
import type { Limit } from './scenario.ts'

/** How soon calls succeeded again after something was done to the providers. */
export interface Recovery {
  /** What was done, such as `kill A`. */
  readonly what: string
  /** The promise about that time, where there is one. */
  readonly limit?: Limit | undefined
  /** Who acknowledged the first call after it, and how long after. Undefined if nobody did for far too long. */
  next?: string
  ms?: number
}

interface Watch {
  readonly recovery: Recovery
  readonly isNext: (provider: string) => boolean
  readonly startedAt: number
  readonly end: () => void
}

const GIVE_UP_MS = 5_000

/** Stops the time from each fault to the first call that was acknowledged after it. */
export class Recoveries {
  /** From a fault of the current provider to the first call that another one acknowledged. */
  readonly faults: Recovery[] = []
  /** From when a first provider was back after all were down to the first call that any acknowledged. */
  readonly blackouts: Recovery[] = []
  readonly #watches = new Set<Watch>()

  constructor(calls: Calls) {
    calls.onEnd(({ state, sentTo, endedAt }) => {
      if (state === 'succeeded') this.#acknowledged(sentTo.at(-1) ?? '', endedAt)
    })
  }

  /** Resolves when it has recovered, or when that took far too long. If `signal` aborts first it does not count. */
  watchFault(recovery: Recovery, victim: string, signal: AbortSignal): Promise<Recovery> {
    return this.#watch(this.faults, recovery, (provider) => provider !== victim, signal)
  }

  /** The same, whoever answers. */
  watchBlackout(recovery: Recovery, signal: AbortSignal): Promise<Recovery> {
    return this.#watch(this.blackouts, recovery, () => true, signal)
  }

  async #watch(list: Recovery[], recovery: Recovery, isNext: Watch['isNext'], signal: AbortSignal): Promise<Recovery> {
    const seen = new AbortController()
    const watch = { recovery, isNext, startedAt: performance.now(), end: () => seen.abort() }
    this.#watches.add(watch)
    await pause(GIVE_UP_MS, AbortSignal.any([seen.signal, signal]))
    this.#watches.delete(watch)
    if (seen.signal.aborted || !signal.aborted) list.push(recovery)
    return recovery
  }

  #acknowledged(provider: string, at: number): void {
    for (const watch of this.#watches) {
      if (!watch.isNext(provider)) continue
      this.#watches.delete(watch)
      watch.recovery.next = provider
      watch.recovery.ms = Math.max(0, Math.round(at - watch.startedAt))
      watch.end()
    }
  }
}
