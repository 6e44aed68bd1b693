import { now } from './clock.ts'
import type { Times } from './plan.ts'
import type { LinkRecord } from './records.ts'
import type { RingModel } from './ring-model.ts'

type Certainty = 'no' | 'maybe' | 'yes'

/** What the contract says of failback: whom it may dial and how often, and when it may go there. */
export class FailbackModel {
  /** After an operator's move, until the next fault of a current service. */
  isResting: Certainty = 'no'
  readonly #times: Times['failback']
  #switchedAt = Number.NEGATIVE_INFINITY
  /** Since when the current service is that. */
  #since = 0
  /** When something last began or ended that it waits for. */
  #changedAt = 0
  readonly #dials = new Map<string, number>()

  constructor(times: Times['failback']) {
    this.#times = times
  }

  /** Another service is current. */
  renew(): void {
    this.#since = now()
    this.#dials.clear()
    this.changed()
  }

  changed(): void {
    this.#changedAt = now()
  }

  /** Who comes back is new. */
  listed(sources: readonly string[]): void {
    for (const provider of this.#dials.keys()) if (!sources.includes(provider)) this.#dials.delete(provider)
  }

  /** Whether it would go to `provider` if that were well. */
  wants(provider: string, current: string, ring: RingModel): Certainty {
    const at = ring.sources.indexOf(provider)
    if (!this.#times || at < 0 || at >= ring.sources.indexOf(current)) return 'no'
    return { no: 'yes', maybe: 'maybe', yes: 'no' }[this.isResting] as Certainty
  }

  /** Whether it may dial `provider` now: if it is earlier and does not cool, once every interval. */
  allows(provider: string, current: string, ring: RingModel): boolean {
    if (this.wants(provider, current, ring) === 'no' || !ring.allowsReady(provider, [provider], current)) return false
    const count = (this.#dials.get(provider) ?? 0) + 1
    if (now() < this.#since + count * (this.#times?.intervalMs ?? 0)) return false
    this.#dials.set(provider, count)
    return true
  }

  /** Whether it may go to `spare` now. */
  mayTake(spare: LinkRecord, current: string, ring: RingModel): boolean {
    const afterMs = this.#times?.afterMs ?? 0
    const since = Math.max(spare.upAt, this.#switchedAt)
    return this.wants(spare.provider, current, ring) !== 'no' && now() >= since + afterMs
  }

  switched(): void {
    this.#switchedAt = now()
  }

  /** By when it must dial one of those that are earlier. */
  dialDueAt(current: string, ring: RingModel): number {
    const wanted = ring.sources.filter((each) => this.wants(each, current, ring) === 'yes')
    const ready = Math.min(...wanted.map((each) => ring.coolUntil(each)))
    return Math.max(this.#changedAt, ready) + (this.#times?.intervalMs ?? 0)
  }

  /** By when it must go to `spare`; a probe may take its time before that. */
  takeDueAt(spare: LinkRecord, current: string, ring: RingModel): number {
    if (this.wants(spare.provider, current, ring) !== 'yes') return Number.POSITIVE_INFINITY
    return Math.max(spare.upAt + (this.#times?.afterMs ?? 0), this.#changedAt)
  }
}
