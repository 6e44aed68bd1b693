import type { Current } from './current.ts'
import { type Attempt, ExhaustedError, said, toAttempt } from './errors.ts'
import type { Link } from './link.ts'
import type { Provider } from './provider.ts'

/**
 * At most one second link, dialled beside the current one and taken in its place. Whoever needs a service while it is
 * being dialled is handed it, so that no provider is dialled twice.
 */
export class Spare<Source, Service> {
  link: Link<Source, Service> | undefined
  readonly #current: Current<Source, Service>
  #failover: Promise<void> | undefined

  constructor(current: Current<Source, Service>) {
    this.#current = current
  }

  /** Gives the link away, be it up or being dialled. */
  handOver(): Link<Source, Service> | undefined {
    const { link } = this
    if (link?.state === 'closed') return undefined // given up: whoever dialled it will see that
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
    const { ring, link: from, settings } = this.#current
    if (!from) return
    ring.pass(from.provider)
    const attempts: Attempt<Source>[] = []
    const tried = new Set(ring.providers.length > 1 ? [from.provider] : [])
    // Where the current service goes meanwhile, there is nothing to move from any more.
    while (this.#current.link === from) {
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
    const current = this.#current
    const link = current.open(provider)
    this.link = link
    try {
      await link.opened
      if (link.failure) throw link.failure.error
      if (this.link !== link) return undefined
      this.link = undefined
      current.take(link, 'manual', reason)
      return undefined
    } catch (error) {
      const verdict = await current.judge(error, 'connect')
      if (current.closedBy) throw current.closedBy
      if (this.link !== link) return undefined
      this.link = undefined
      current.fail(link, error, 'connect', verdict)
      if (verdict === 'caller') throw error
      current.ring.failed(provider, error)
      return toAttempt(link, error, link.dialMs)
    }
  }
}
