import type { Account } from './account.ts'
import { providerOf, type Scene } from './scene.ts'
import { percentile } from './statistics.ts'
import type { Snapshot } from './timeline/timeline.ts'

const WINDOW_MS = 1_000

/** Reads off how one side stands now; rates and latencies are those of the last second. */
export class Meter {
  readonly #account: Account
  readonly #scene: Scene
  readonly #startedAt = performance.now()
  #recent: { readonly at: number; readonly ms: number }[] = []
  /** How many calls each provider acknowledged since the last reading. */
  readonly #acknowledged = new Map<string, number>()

  constructor(account: Account, scene: Scene) {
    this.#account = account
    this.#scene = scene
    account.calls.onEnd(({ state, sentTo, startedAt, endedAt }) => {
      if (state !== 'succeeded') return
      const provider = sentTo.at(-1) ?? ''
      this.#recent.push({ at: endedAt, ms: endedAt - startedAt })
      this.#acknowledged.set(provider, (this.#acknowledged.get(provider) ?? 0) + 1)
    })
  }

  read(): Snapshot {
    const { side, calls, moves } = this.#account
    const at = performance.now()
    const sinceStartMs = at - this.#startedAt
    this.#recent = this.#recent.filter((call) => call.at > at - WINDOW_MS)
    const latencies = this.#recent.map(({ ms }) => ms)
    const snapshot = {
      side: side.name ?? '',
      providers: this.#providers(),
      callsPerSecond: Math.round((latencies.length * 1000) / Math.min(WINDOW_MS, sinceStartMs)),
      p50Ms: Math.round(percentile(latencies, 0.5)),
      p99Ms: Math.round(percentile(latencies, 0.99)),
      made: calls.all.length,
      succeeded: calls.succeeded,
      failed: calls.failed,
      inFlight: calls.pending,
      failovers: moves.reasons.length,
    }
    this.#acknowledged.clear()
    return snapshot
  }

  #providers(): Snapshot['providers'] {
    const { stage, faults } = this.#scene
    const { side } = this.#account
    const [current, spare] = [providerOf(side, 'current'), providerOf(side, 'spare')]
    return stage.providers.map((name) => {
      const fault = faults.get(name)
      const isCurrent = name === current
      const state = fault?.state ?? (isCurrent ? 'current' : name === spare ? 'spare' : 'up')
      return { name, state, isCurrent, mark: fault?.mark, acknowledged: this.#acknowledged.get(name) ?? 0 }
    })
  }
}
