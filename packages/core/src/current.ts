import type { Connector, Verdict } from './connector.ts'
import { ClosedError, said } from './errors.ts'
import { Emitter, type Events, type FailoverReason } from './events.ts'
import { type DownReason, Link, type LinkHost } from './link.ts'
import type { Settings } from './options.ts'
import type { Provider } from './provider.ts'
import { Ring } from './ring.ts'
import { Spare } from './spare.ts'
import type { SpareHost } from './spare-host.ts'
import { after, now, type Timer } from './time.ts'
import { type Judge, judgeOf } from './verdict.ts'

/** Told of the outcome of the next dial: the link, be it up or failed, or a rejection; nothing where all is closed. */
export type Waiter<Source, Service> = (link: Link<Source, Service> | Promise<never> | undefined) => void

/** The reasons to leave a service that are its provider's fault. */
const faults: readonly FailoverReason[] = ['error', 'lost', 'probe', 'timeout']

/**
 * The one service that runs go to, and how it comes to be: one dial for all who wait, one move for each service left.
 * Nothing is dialled that nobody waits for.
 */
export class Current<Source, Service> implements LinkHost<Source, Service>, SpareHost<Source, Service> {
  link: Link<Source, Service> | undefined
  /** The one that is being dialled, to become it. */
  dialling: Link<Source, Service> | undefined
  /** Set once everything is closed, or closing. */
  closedBy: ClosedError | undefined
  readonly connector: Connector<Source, Service>
  readonly settings: Settings
  readonly ring: Ring<Source>
  readonly spare: Spare<Source, Service>
  readonly events: Emitter<Source>
  readonly judge: Judge
  readonly #waiters = new Set<Waiter<Source, Service>>()
  /** Every link whose service may still have to be disconnected. */
  readonly #links = new Set<Link<Source, Service>>()
  #rest: Timer | undefined
  /** How the last service was left, until another is current. */
  #move: { readonly from: string; readonly reason: FailoverReason; readonly error?: unknown } | undefined
  /** When the first dial after that began. */
  #movingSince: number | undefined

  constructor(sources: readonly Source[], connector: Connector<Source, Service>, settings: Settings) {
    this.connector = connector
    this.settings = settings
    this.ring = new Ring(sources, settings, connector.id && ((source) => connector.id?.(source) as string))
    this.events = new Emitter(settings.name)
    this.judge = judgeOf(connector, settings.probeTimeoutMs)
    this.spare = new Spare(this)
  }

  /** Tells `waiter` of the next dial, and sees that there is one; returns what undoes that. */
  wait(waiter: Waiter<Source, Service>): () => void {
    this.#waiters.add(waiter)
    this.#rest?.hold(true)
    this.dial()
    return () => {
      this.#waiters.delete(waiter)
      if (this.#waiters.size === 0) this.#rest?.hold(false)
    }
  }

  /** Begins a new link. */
  open(provider: Provider<Source>): Link<Source, Service> {
    const link = new Link(this, provider)
    this.track(link)
    return link
  }

  track(link: Link<Source, Service>): void {
    this.#links.add(link)
    void link.closed.then(() => this.#links.delete(link))
  }

  /** Leaves `link`, if it is the current one; what is in flight on it may finish. */
  leave(link: Link<Source, Service>, reason: FailoverReason, error: unknown): void {
    if (link !== this.link) return // it drains already, for as long as whoever left it said
    this.#moveFrom(link, reason, error)
    link.drain(this.settings.drainMs, error)
  }

  /** Runs go to `link` from now on, which is up; the service before it drains. */
  take(link: Link<Source, Service>, reason: FailoverReason, error: unknown): void {
    const former = this.link
    if (former) this.#moveFrom(former, reason, error)
    this.#movingSince ??= link.isAnnounced ? now() : link.startedAt
    this.#install(link)
    former?.drain(this.settings.drainMs, error)
  }

  /** Turns away all who wait. */
  refuse(error: unknown): void {
    this.#answer(() => Promise.reject(error))
  }

  /** The service of `link` is of no use to anyone any more: its `disconnect` settles what is in flight on it. */
  down(link: Link<Source, Service>, reason: DownReason, error: unknown): void {
    if (link.state === 'closed') return
    const isSpare = link === this.spare.link
    // One that was not taken yet fails as a connect does.
    const isTaken = isSpare || link === this.link || link.state === 'draining'
    link.failure = { error }
    this.#moveFrom(link, reason, error)
    link.close(error)
    if (isSpare) this.spare.lost(link, error)
    if (isTaken) this.fail(link, error, reason === 'lost' ? 'lost' : 'probe', 'unsure')
  }

  judgeDial(link: Link<Source, Service>, error: unknown): Verdict | Promise<Verdict> {
    link.verdict ??= this.judge(error, 'connect')
    return link.verdict
  }

  proved(link: Link<Source, Service>): void {
    if (link === this.link) this.ring.succeeded(link.provider)
  }

  fail(link: Link<Source, Service>, error: unknown, phase: Events['fail']['phase'], verdict: Verdict): void {
    this.events.emit('fail', link, { error, phase, verdict })
  }

  setSources(sources: readonly Source[]): void {
    if (this.closedBy) throw this.closedBy
    const isNew = this.ring.replace(sources)
    const gone = (link?: Link<Source, Service>) => link && !this.ring.providers.includes(link.provider)
    const removed = new ClosedError(said(this.settings, 'setSources removed this provider'))
    if (this.link && gone(this.link)) {
      this.leave(this.link, 'removed', removed)
      this.spare.restart()
    }
    const dialling = this.dialling
    if (dialling && gone(dialling)) {
      this.dialling = undefined
      this.spare.endHedge(dialling)
    }
    if (isNew) this.#endRest()
    this.spare.renew()
    this.dial()
  }

  /** Turns away all who wait, and drains everything; resolves when all services are disconnected. */
  async close(drainMs: number): Promise<void> {
    const last = this.link
    this.closedBy = new ClosedError(said(this.settings, 'this RoundRobin is closed; create another to go on'))
    this.link = this.dialling = undefined
    this.#endRest()
    this.spare.end()
    this.#answer(() => undefined)
    this.drainAll(drainMs)
    await Promise.all([...this.#links].map((link) => link.closed))
    this.events.emit('close', last, {})
  }

  drainAll(ms: number): void {
    for (const link of this.#links) link.drain(ms, this.closedBy)
  }

  /** The spare becomes current, if it is up; else the next provider is dialled, if somebody waits. */
  dial(): void {
    const { spare } = this
    const isNeeded = spare.link !== undefined || this.#waiters.size > 0
    if (this.link || this.dialling || this.#rest || this.closedBy || !isNeeded) return
    const restMs = this.ring.takeRest()
    if (restMs !== undefined) {
      this.#rest = after(restMs, () => {
        this.#rest = undefined
        this.dial()
      })
      this.#rest.hold(this.#waiters.size > 0)
      return
    }
    this.#movingSince ??= now()
    const link = spare.handOver() ?? this.open(this.ring.pick())
    if (link.state === 'up') this.#install(link)
    else void this.#follow(link)
  }

  /** Waits for the dial; it may have been given up in the meantime. */
  async #follow(link: Link<Source, Service>): Promise<void> {
    this.dialling = link
    this.spare.hedge(link)
    try {
      await link.opened
      if (link.failure) throw link.failure.error // lost in the same moment
      if (link === this.dialling) this.#install(link)
    } catch (error) {
      if (link !== this.dialling) return // given up
      const verdict = await this.judgeDial(link, error)
      const isNeeded = link === this.dialling
      if (isNeeded) {
        this.dialling = undefined
        this.spare.endHedge()
      }
      this.dialFailed(link, error, verdict, isNeeded)
      if (!isNeeded) return
      if (verdict === 'caller') this.refuse(error)
      else {
        this.ring.count()
        this.#answer(() => link)
      }
    }
  }

  dialFailed(link: Link<Source, Service>, error: unknown, verdict: Verdict, isItsTurn: boolean): void {
    if (this.closedBy || !this.ring.providers.includes(link.provider)) return
    if (verdict !== 'caller') this.ring[isItsTurn ? 'failed' : 'cool'](link.provider, error)
    if (!link.isTold) this.fail(link, error, 'connect', verdict)
    link.isTold = true
  }

  #install(link: Link<Source, Service>): void {
    const move = this.#move
    const loser = link === this.dialling ? undefined : this.dialling
    const durationMs = now() - (this.#movingSince ?? link.startedAt)
    this.dialling = this.#move = this.#movingSince = undefined
    this.link = link
    this.#endRest()
    this.spare.endHedge(loser)
    this.#answer(() => link)
    this.spare.renew()
    link.announce()
    if (move) this.events.emit('failover', link, { ...move, to: link.id, durationMs })
  }

  #moveFrom(link: Link<Source, Service>, reason: FailoverReason, error: unknown): void {
    if (link !== this.link) return
    this.link = undefined
    this.#move = { from: link.id, reason, ...(error !== undefined && { error }) }
    this.ring.pass(link.provider)
    if (reason === 'removed') this.ring.restart()
    if (faults.includes(reason)) this.#blame(link, error)
    // A microtask later: what follows from the failure comes first.
    if (this.spare.link) void Promise.resolve().then(() => this.dial())
  }

  #blame({ provider, proved }: Link<Source, Service>, error: unknown): void {
    this.ring.failed(provider, error)
    this.spare.wake()
    if (!proved) this.ring.count()
  }

  #answer(outcome: () => Parameters<Waiter<Source, Service>>[0]): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) waiter(outcome())
  }

  #endRest(): void {
    this.#rest?.cancel()
    this.#rest = undefined
  }
}
