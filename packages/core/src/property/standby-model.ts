import { graceMs, now } from './clock.ts'
import type { RingModel } from './ring-model.ts'

/** What the contract says of a standby: the next provider; if it cannot be connected the one after it; then a rest. */
export class StandbyModel {
  readonly isOn: boolean
  /** How long a rest may be. */
  readonly #restMs: number
  /** The candidate after this one is first. */
  #after = ''
  /** Who has failed since the last rest. */
  #tried: string[] = []
  /** Since when it rests; undefined: one is to be dialled at once. */
  #restsSince: number | undefined
  /** Whether it certainly rests: else one may be dialled at once. */
  #isCertain = false
  /** Whether an operator or failback dials too: then nobody can tell who has tried whom. */
  #isShared = false
  #lastFailed: { readonly provider: string; readonly at: number } | undefined

  constructor(isOn: boolean, restMs: number) {
    this.isOn = isOn
    this.#restMs = Math.max(restMs, 50) // a rest of 0 would be none
  }

  /** Another service is current, or the list is another. */
  renew(current: string, ring: RingModel): void {
    this.#after = current
    this.#tried = []
    this.#isShared = false
    this.#decide(current, ring)
  }

  /** Others may dial at the same time. */
  share(): void {
    this.#isShared = true
    this.#restsSince ??= now()
    this.#isCertain = false
  }

  /** A dial beside the current service failed. */
  failed(provider: string, current: string, ring: RingModel): void {
    this.#tried.push(provider)
    this.#lastFailed = { provider, at: now() }
    this.#decide(current, ring)
  }

  /** The spare was lost: another is dialled, but not at once. */
  lost(provider: string): void {
    this.#after = provider
    this.#tried = []
    this.#restsSince = now()
    this.#isCertain = true
  }

  /** Whether it may dial `provider` now. */
  allows(provider: string, current: string, ring: RingModel): boolean {
    if (!this.isOn) return false
    const others = ring.sources.filter((each) => each !== current)
    if (this.#isShared) {
      const isAgain = this.#lastFailed?.provider === provider && this.#lastFailed.at === now()
      return !isAgain && ring.allowsReady(provider, [provider], current) && provider !== current
    }
    const untried = others.filter((each) => !this.#tried.includes(each))
    const isResting = this.#restsSince !== undefined && this.#isCertain
    if (!isResting && ring.allowsReady(provider, untried, this.#after)) return true
    if (this.#restsSince === undefined || this.#restsSince === now()) return false
    if (!ring.allowsReady(provider, others, this.#after)) return false
    this.#tried = []
    return true
  }

  /** By when it must dial. */
  dueAt(current: string, ring: RingModel): number {
    const others = ring.sources.filter((each) => each !== current)
    if (!this.isOn || others.length === 0) return Number.POSITIVE_INFINITY
    if (this.#restsSince === undefined) return now()
    const ready = Math.min(...others.map((each) => ring.coolUntil(each)))
    return Math.max(this.#restsSince, ready + graceMs) + this.#restMs + graceMs
  }

  /** One that is certainly not cooling is dialled at once; else it rests. */
  #decide(current: string, ring: RingModel): void {
    const untried = ring.sources.filter((each) => each !== current && !this.#tried.includes(each))
    const isDue = !this.#isShared && untried.some((each) => ring.coolUntil(each) < now() - graceMs)
    this.#restsSince = isDue ? undefined : now()
    this.#isCertain = !this.#isShared && untried.every((each) => ring.coolUntil(each) > now() + graceMs)
  }
}
