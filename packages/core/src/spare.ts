import type { Verdict } from './connector.ts'
import { type Attempt, ClosedError, ExhaustedError, said, toAttempt } from './errors.ts'
import type { Link } from './link.ts'
import type { Settings } from './options.ts'
import type { Provider } from './provider.ts'
import type { Ring } from './ring.ts'

/** What a spare needs of the engine around it. */
export interface SpareHost<Source, Service> {
  readonly ring: Ring<Source>
  readonly settings: Settings
  readonly closedBy: ClosedError | undefined
  /** The current one. */
  readonly link: Link<Source, Service> | undefined
  /** Whose fault it is that the dial of `link` failed. */
  judgeDial(link: Link<Source, Service>, error: unknown): Verdict | Promise<Verdict>
  /** Begins a new link. */
  open(provider: Provider<Source>): Link<Source, Service>
  /** Runs go to `link` from now on. */
  take(link: Link<Source, Service>, reason: 'manual', error: unknown): void
  fail(link: Link<Source, Service>, error: unknown, phase: 'connect', verdict: Verdict): void
}

/**
 * At most one second link, dialled beside the current one and taken in its place. Whoever needs a service while it is
 * being dialled is handed it, so that no provider is dialled twice.
 */
export class Spare<Source, Service> {
  link: Link<Source, Service> | undefined
  readonly #host: SpareHost<Source, Service>
  #failover: Promise<void> | undefined

  constructor(host: SpareHost<Source, Service>) {
    this.#host = host
  }

  /** Gives the link away, in whatever state its dial is; but not one whose provider was removed. */
  handOver(): Link<Source, Service> | undefined {
    const { link } = this
    if (link && !this.#host.ring.providers.includes(link.provider)) return undefined
    this.link = undefined
    return link
  }

  /**
   * Connects the next provider, then moves there. Rejects, and changes nothing, if none is up. Does nothing where no
   * service is current: whoever needs one has it dialled. Calls at the same time share one move.
   */
  failover(reason: unknown): Promise<void> {
    this.#failover ??= this.#moveOn(reason).finally(() => {
      this.#failover = undefined
    })
    return this.#failover
  }

  async #moveOn(reason: unknown): Promise<void> {
    const { ring, link: from, settings } = this.#host
    if (!from) return
    ring.pass(from.provider)
    const attempts: Attempt<Source>[] = []
    const tried = new Set(ring.providers.length > 1 ? [from.provider] : [])
    // Where the current service goes meanwhile, there is nothing to move from any more.
    while (this.#host.link === from) {
      const untried = ring.providers.filter((provider) => !tried.has(provider))
      if (untried.length === 0) {
        throw new ExhaustedError(said(settings, 'no other provider is up, so failover() moved nothing'), { attempts })
      }
      const provider = ring.pick(untried)
      tried.add(provider)
      const failed = await this.#moveTo(provider, reason)
      if (!failed) return
      attempts.push(failed)
    }
  }

  /** Dials, and moves to what came up; returns the attempt where the provider failed. */
  async #moveTo(provider: Provider<Source>, reason: unknown): Promise<Attempt<Source> | undefined> {
    const host = this.#host
    const link = host.open(provider)
    this.link = link
    try {
      await link.opened
      // Up, and closed again in the same moment: lost, or its source was removed.
      if (link.state === 'closed') throw link.failure?.error ?? new ClosedError(said(host.settings, 'removed'))
      if (this.link !== link) return undefined
      this.link = undefined
      host.take(link, 'manual', reason)
      return undefined
    } catch (error) {
      const isListed = host.ring.providers.includes(provider)
      const verdict = isListed ? await host.judgeDial(link, error) : undefined
      if (host.closedBy) throw host.closedBy
      if (this.link !== link) return undefined
      this.link = undefined
      if (!verdict) return toAttempt(link, error, link.dialMs)
      host.fail(link, error, 'connect', verdict)
      if (verdict === 'caller') throw error
      host.ring.failed(provider, error)
      return toAttempt(link, error, link.dialMs)
    }
  }
}
