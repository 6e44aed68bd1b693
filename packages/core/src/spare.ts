import { type Attempt, ClosedError, ExhaustedError, said, toAttempt } from './errors.ts'
import { Failback, type FailbackSpare } from './failback.ts'
import type { Link } from './link.ts'
import { isCooling, type Provider } from './provider.ts'
import { SpareDial, type SpareDialOwner } from './spare-dial.ts'
import type { Search, SpareHost } from './spare-host.ts'
import { Standby } from './standby.ts'
import { after, now, type Timer } from './time.ts'

/** A call of `failover()`. */
interface Move<Source, Service> {
  readonly reason: unknown
  /** What was current then. */
  readonly from: Link<Source, Service> | undefined
  readonly done: Promise<void>
}

/**
 * The second link, of which there is one at most. Four ask for it: a hedge, since the engine's own dial is slow; standby,
 * to have the next provider connected; failback, to see whether an earlier one is well again; and `failover()`. What
 * comes up goes where it is needed most. Whoever needs a service is given the spare, so that nobody is dialled twice.
 */
export class Spare<Source, Service> implements SpareDialOwner<Source, Service>, FailbackSpare<Source, Service> {
  /** Up. */
  link: Link<Source, Service> | undefined
  readonly #host: SpareHost<Source, Service>
  readonly #dial: SpareDial<Source, Service>
  readonly #standby: Standby<Source, Service>
  readonly #failback: Failback<Source, Service>
  #hedge: Timer | undefined
  #failover: Move<Source, Service> | undefined

  constructor(host: SpareHost<Source, Service>) {
    this.#host = host
    this.#dial = new SpareDial(host, this)
    this.#standby = new Standby(host, this)
    this.#failback = new Failback(host, this)
  }

  /** The dial that is under way beside the engine's own; but not one whose provider was removed. */
  get dialling(): Link<Source, Service> | undefined {
    const { link } = this.#dial
    return link && this.#isListed(link) ? link : undefined
  }

  /** Gives away the link, or the dial that is under way. */
  handOver(): Link<Source, Service> | undefined {
    const link = this.link ?? this.dialling
    if (this.link) this.link = undefined
    else if (link) this.#dial.link = undefined
    link?.hold(true)
    return link
  }

  /** The engine dials `link`. If that takes long, the next provider is dialled too. */
  hedge(link: Link<Source, Service>): void {
    const { settings } = this.#host
    this.#hedge?.cancel()
    this.#hedge = after(Math.max(0, settings.hedgeMs - (now() - link.startedAt)), () => {
      const isWanted = () => this.#host.dialling === link
      const isCandidate = (each: Provider<Source>) => each !== link.provider && !isCooling(each)
      const failed: Search<Source>['failed'] = ({ verdict, error }) => {
        if (verdict === 'caller' && isWanted()) this.#host.refuse(error)
      }
      void this.search({ isWanted, isCandidate, after: link.provider, keepAlive: true, failed })
    })
  }

  /** The engine's dial has ended. `loser`: a hedge was faster, and nobody needs it now, but it may be a standby. */
  endHedge(loser?: Link<Source, Service>): void {
    this.#hedge?.cancel()
    if (loser && !this.#dial.link && this.#mayKeep(loser)) this.#dial.follow(loser)
    else loser?.close(this.#needless)
  }

  /** The current service, or the list, is another. */
  renew(): void {
    if (this.link && !this.#isNeeded(this.link)) this.drop()
    this.#reconsider(this.#dial.link)
    this.#standby.renew()
    this.#failback.watch()
  }

  /** The spare was lost, or is not well. */
  lost(link: Link<Source, Service>, error: unknown): void {
    this.link = undefined
    this.#host.ring.failed(link.provider, error)
    this.#standby.lost(link)
    this.#failback.watch()
  }

  /** The current service was removed: runs start at the first of the list, whatever is ready elsewhere. */
  restart(): void {
    const [first] = this.#host.ring.providers
    if (this.link?.provider !== first) this.drop()
    if (this.#dial.link?.provider !== first) this.#dial.giveUp(this.#needless)
  }

  drop(): void {
    this.link?.close(this.#needless)
    this.link = undefined
  }

  /** A provider failed: an operator's choice holds no longer. */
  wake(): void {
    this.#failback.isResting = false
  }

  /** Everything is closed. */
  end(): void {
    this.#hedge?.cancel()
    this.#standby.end()
    this.#failback.end()
    this.link = undefined
  }

  search(search: Search<Source>): Promise<void> {
    return this.#dial.search(search)
  }

  /**
   * Connects the next provider, then moves there. Rejects, and changes nothing, if none is up. Does nothing where no
   * service is current: whoever needs one has it dialled. Calls at the same time share one move.
   */
  failover(reason: unknown): Promise<void> {
    // One whose service is not current any more has nothing to move from.
    if (this.#failover && this.#failover.from === this.#host.link) return this.#failover.done
    const done = this.#moveOn(reason).finally(() => {
      if (this.#failover === move) this.#failover = undefined
    })
    const move = { reason, from: this.#host.link, done }
    this.#failover = move
    return done
  }

  async #moveOn(reason: unknown): Promise<void> {
    const host = this.#host
    const { ring, link: from, settings } = host
    if (!from) return
    if (this.link) return this.take('manual', reason)
    const isAlone = ring.providers.length === 1
    const attempts: Attempt<Source>[] = []
    // Where the current service goes meanwhile, there is nothing to move from any more.
    const isWanted = () => host.link === from
    const isCandidate = (each: Provider<Source>) => isAlone || each !== from.provider
    const failed: Search<Source>['failed'] = ({ provider, verdict, error, durationMs }) => {
      if (host.closedBy) throw host.closedBy
      if (verdict === 'caller') throw error
      attempts.push(toAttempt(provider, error, durationMs))
    }
    await this.search({ isWanted, isCandidate, after: from.provider, keepAlive: true, failed })
    if (host.closedBy) throw host.closedBy
    if (!isWanted()) return
    throw new ExhaustedError(said(settings, 'no other provider is up, so failover() moved nothing'), { attempts })
  }

  /** Runs go to the spare from now on. */
  take(reason: 'manual' | 'failback', error?: unknown, link = this.link): void {
    if (!link) return
    if (link === this.link) this.link = undefined
    if (reason === 'manual' && this.#host.link) this.#failback.isResting = true
    this.#host.take(link, reason, error)
  }

  /** A dial came up: it goes where it is needed most. */
  opened(link: Link<Source, Service>): void {
    const { link: current, dialling } = this.#host
    if (dialling || this.#isMoving) this.take('manual', this.#failover?.reason, link)
    else if (!current || this.#mayKeep(link)) this.#keep(link)
    else link.close(this.#needless)
  }

  #keep(link: Link<Source, Service>): void {
    this.drop()
    this.link = link
    link.announce()
    this.#failback.watch()
    if (!this.#host.link) this.#host.dial()
  }

  /** Whether the dial under way is still needed. */
  #reconsider(link?: Link<Source, Service>): void {
    if (!link) return
    if (!this.#isListed(link))
      link.close(this.#needless) // whose search goes on with another
    else if (this.#isMoving || !this.#host.link) return
    else if (this.#mayKeep(link)) link.hold(false)
    else this.#dial.giveUp(this.#needless)
  }

  #mayKeep({ provider }: Link<Source, Service>): boolean {
    const { settings, link } = this.#host
    const isOther = link !== undefined && provider !== link.provider
    return isOther && ((settings.standby && !this.link) || this.#failback.wants(provider))
  }

  /** Whether the spare that is up is of use. Without a current service it is about to be that. */
  #isNeeded(link: Link<Source, Service>): boolean {
    const { settings, link: current } = this.#host
    return this.#isListed(link) && (!current || settings.standby || this.#failback.wants(link.provider))
  }

  #isListed({ provider }: Link<Source, Service>): boolean {
    return this.#host.ring.providers.includes(provider)
  }

  /** Whether an operator wants to move from the current service. */
  get #isMoving(): boolean {
    const { link } = this.#host
    return link !== undefined && this.#failover?.from === link
  }

  get #needless(): ClosedError {
    return new ClosedError(said(this.#host.settings, 'this connection is not needed any more'))
  }
}
