import type { Link } from './link.ts'
import { isCooling, type Provider } from './provider.ts'
import type { KeptSpare, SpareHost } from './spare-host.ts'
import { after, now, type Timer } from './time.ts'

/** Keeps the next provider connected. */
export class Standby<Source, Service> {
  readonly #host: SpareHost<Source, Service>
  readonly #spare: KeptSpare<Source, Service>
  #timer: Timer | undefined
  /** How many searches in a row have ended without a spare, or with one that did not last. */
  #misses = 0
  /** The one that did not last: the provider after it is tried first. */
  #former: Provider<Source> | undefined

  constructor(host: SpareHost<Source, Service>, spare: KeptSpare<Source, Service>) {
    this.#host = host
    this.#spare = spare
  }

  /** Another service is current, or the list is another. */
  renew(): void {
    this.#timer?.cancel()
    this.#misses = 0
    this.#former = undefined
    void this.#look()
  }

  /** The spare was lost, or is not well. */
  lost({ provider, upAt }: Link<Source, Service>): void {
    this.#former = provider
    if (now() - upAt > this.#host.settings.backoff.maxMs) this.#misses = 0
    this.#lookLater()
  }

  end(): void {
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    const { link: current, settings } = this.#host
    if (!settings.standby || !current) return
    const isWanted = () => this.#host.link === current && !this.#spare.link
    const isCandidate = (each: Provider<Source>) => each !== current.provider && !isCooling(each)
    await this.#spare.search({ isWanted, isCandidate, after: this.#former ?? current.provider, keepAlive: false })
    if (isWanted()) this.#lookLater()
  }

  #lookLater(): void {
    this.#timer?.cancel()
    // Also where the wait between rounds is switched off: nothing else bounds this.
    this.#timer = after(this.#host.ring.restMs(++this.#misses) || 50, () => void this.#look())
    this.#timer.hold(false)
  }
}
