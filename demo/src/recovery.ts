import type { Call, Calls } from './calls.ts'
import { pause } from './pause.ts'
import type { Limit, Side } from './scenario.ts'

/** How soon calls succeeded again after something was done to the providers. */
export interface Recovery {
  /** What was done, such as `kill A`. */
  readonly what: string
  /** The promise about that time, where there is one. */
  readonly limit?: Limit | undefined
  /** How long after it the engine knew: at once, or when a heartbeat found it. */
  knownMs?: number
  /** Who acknowledged the first call after it, and how long after. Undefined if nobody did for far too long. */
  next?: string
  ms?: number
}

interface Watch {
  readonly recovery: Recovery
  /** Whom it was done to; undefined where it was all of them. */
  readonly victim: string | undefined
  readonly startedAt: number
  readonly end: () => void
}

/** More than any promise allows. */
const GIVE_UP_MS = 15_000

/** Stops the time from each fault to the first call that was sent after it and acknowledged. */
export class Recoveries {
  /** From a fault of the current provider to the first call that another one acknowledged. */
  readonly faults: Recovery[] = []
  /** The same, where the time says nothing yet. */
  readonly rehearsals: Recovery[] = []
  /** From when a first provider was back after all were down to the first call that any acknowledged. */
  readonly blackouts: Recovery[] = []
  readonly #watches = new Set<Watch>()

  constructor({ roundRobin }: Pick<Side, 'roundRobin'>, calls: Calls) {
    roundRobin.on('fail', ({ provider }) => this.#failed(provider))
    calls.onEnd((call) => {
      if (call.state === 'succeeded') this.#acknowledged(call)
    })
  }

  /**
   * Resolves when it has recovered, or when that took far too long. If `signal` aborts first it does not count.
   *
   * @param victim - whom it was done to: somebody else must answer. Left out where it was all of them
   */
  async watch(
    list: 'faults' | 'rehearsals' | 'blackouts',
    recovery: Recovery,
    signal: AbortSignal,
    victim?: string,
  ): Promise<Recovery> {
    const seen = new AbortController()
    const watch = { recovery, victim, startedAt: performance.now(), end: () => seen.abort() }
    this.#watches.add(watch)
    await pause(GIVE_UP_MS, AbortSignal.any([seen.signal, signal]))
    this.#watches.delete(watch)
    if (seen.signal.aborted || !signal.aborted) this[list].push(recovery)
    return recovery
  }

  #failed(provider: string | undefined): void {
    for (const { recovery, victim, startedAt } of this.#watches) {
      if (provider !== undefined && provider === victim) recovery.knownMs ??= Math.round(performance.now() - startedAt)
    }
  }

  #acknowledged({ sentTo, sentAt, endedAt }: Call): void {
    const provider = sentTo.at(-1) ?? ''
    for (const watch of this.#watches) {
      // What was sent before it, to a provider that was left a moment ago, says nothing.
      if (sentAt < watch.startedAt || provider === watch.victim) continue
      this.#watches.delete(watch)
      watch.recovery.next = provider
      watch.recovery.ms = Math.round(endedAt - watch.startedAt)
      watch.end()
    }
  }
}
