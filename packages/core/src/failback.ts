import { isCooling, type Provider } from './provider.ts'
import type { KeptSpare, SpareHost } from './spare-host.ts'
import { after, now, type Timer } from './time.ts'

/** A spare that can be gone to. */
export interface FailbackSpare<Source, Service> extends KeptSpare<Source, Service> {
  /** Runs go to its link from now on. */
  take(reason: 'failback'): void
}

/** Goes back to an earlier provider: has it dialled until it is up, then kept and probed, then taken. */
export class Failback<Source, Service> {
  /** An operator has moved: where to is his choice, until the next failure. */
  isResting = false
  readonly #host: SpareHost<Source, Service>
  readonly #spare: FailbackSpare<Source, Service>
  #timer: Timer | undefined
  #isLooking = false

  constructor(host: SpareHost<Source, Service>, spare: FailbackSpare<Source, Service>) {
    this.#host = host
    this.#spare = spare
  }

  /** Whether `provider` comes before the current one in the list, and may be gone back to. */
  wants(provider: Provider<Source>): boolean {
    const { ring, settings, link } = this.#host
    if (!settings.failback || this.isResting || !link) return false
    const at = ring.providers.indexOf(provider)
    return at >= 0 && at < ring.providers.indexOf(link.provider)
  }

  /** Sees to it that there is a next look, as soon as one may be of use. */
  watch(): void {
    this.end()
    const { settings, ring } = this.#host
    if (!settings.failback || !ring.providers.some((each) => this.wants(each))) return
    const { afterMs, intervalMs } = settings.failback
    const provenInMs = afterMs - (this.#provingMs ?? Number.NEGATIVE_INFINITY)
    this.#timer = after(Math.max(1, Math.min(intervalMs, provenInMs)), () => void this.#lookAgain())
    this.#timer.hold(false)
  }

  end(): void {
    this.#timer?.cancel()
  }

  /** For how long an earlier provider has been up now. */
  get #provingMs(): number | undefined {
    const { link } = this.#spare
    return link && this.wants(link.provider) ? now() - link.upAt : undefined
  }

  async #lookAgain(): Promise<void> {
    this.watch()
    if (this.#isLooking) return
    this.#isLooking = true
    await this.#look()
    this.#isLooking = false
  }

  async #look(): Promise<void> {
    const { link } = this.#spare
    const current = this.#host.link
    if (!current) return
    if (!link || !this.wants(link.provider)) {
      const isCandidate = (each: Provider<Source>) => this.wants(each) && !isCooling(each)
      const isWanted = () => current === this.#host.link && this.#provingMs === undefined
      return this.#spare.search({ isWanted, isCandidate, after: current.provider, keepAlive: false })
    }
    const isWell = !this.#host.connector.probe || (await link.check('probe', false))
    const { afterMs = 0 } = this.#host.settings.failback ?? {}
    if (isWell && link === this.#spare.link && (this.#provingMs ?? 0) >= afterMs) this.#spare.take('failback')
  }
}
