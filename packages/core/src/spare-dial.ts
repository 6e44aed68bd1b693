import { ClosedError, said } from './errors.ts'
import type { Link } from './link.ts'
import type { Provider } from './provider.ts'
import type { Failure, Search, SpareHost } from './spare-host.ts'

/** Who is told of each link that came up, and may do with it what it wants. */
export interface SpareDialOwner<Source, Service> {
  opened(link: Link<Source, Service>): void
}

/** The dial beside the engine's own, of which there is one at a time: searches that go on together share it. */
export class SpareDial<Source, Service> {
  /** Under way. */
  link: Link<Source, Service> | undefined
  readonly #host: SpareHost<Source, Service>
  readonly #owner: SpareDialOwner<Source, Service>
  /** Resolves when the dial has settled: to undefined where it came up, or was given away. */
  #failure!: Promise<Failure<Source> | undefined>

  constructor(host: SpareHost<Source, Service>, owner: SpareDialOwner<Source, Service>) {
    this.#host = host
    this.#owner = owner
  }

  async search({ isWanted, isCandidate, after, keepAlive, failed }: Search<Source>): Promise<void> {
    const { ring } = this.#host
    const tried = new Set<Provider<Source>>()
    while (isWanted()) {
      const untried = ring.providers.filter((each) => !tried.has(each) && isCandidate(each))
      if (!this.link && untried.length > 0) this.follow(this.#host.open(ring.pick(untried, after)), keepAlive)
      if (!this.link) return
      if (keepAlive) this.link.hold(true)
      tried.add(this.link.provider)
      const failure = await this.#failure
      if (failure) failed?.(failure)
    }
  }

  /** Sees a dial that has begun through to its end. */
  follow(link: Link<Source, Service>, keepAlive = false): void {
    link.hold(keepAlive)
    this.link = link
    this.#failure = this.#settle(link)
  }

  giveUp(reason: unknown): void {
    const { link } = this
    this.link = undefined
    link?.close(reason)
  }

  async #settle(link: Link<Source, Service>): Promise<Failure<Source> | undefined> {
    const { settings } = this.#host
    try {
      await link.opened
      // Up, and closed again in the same moment: lost, or its source was removed.
      if (link.state === 'closed') throw link.failure?.error ?? new ClosedError(said(settings, 'removed'))
      if (this.link !== link) return undefined
      this.link = undefined
      this.#owner.opened(link)
      return undefined
    } catch (error) {
      return this.#failed(link, error)
    }
  }

  async #failed(link: Link<Source, Service>, error: unknown): Promise<Failure<Source> | undefined> {
    if (this.link !== link) return undefined // given up, or given away
    const host = this.#host
    const { provider, dialMs: durationMs } = link
    const isListed = host.ring.providers.includes(provider)
    const verdict = isListed && !host.closedBy ? await host.judgeDial(link, error) : undefined
    // It has failed, also where nobody needs it any more by now.
    if (verdict) host.dialFailed(link, error, verdict, this.link === link && !host.dialling)
    if (this.link !== link) return undefined
    this.link = undefined
    return { provider, error, verdict, durationMs }
  }
}
