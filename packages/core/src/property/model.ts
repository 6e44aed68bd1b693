import { graceMs, now } from './clock.ts'
import { EventModel } from './event-model.ts'
import { FailoverModel } from './failover-model.ts'
import { Journal } from './journal.ts'
import { type Scenario, type Times, timesOf } from './plan.ts'
import {
  isDialling,
  isUnderWay,
  type LinkRecord,
  name,
  type OperationRecord,
  type Reason,
  type RunRecord,
} from './records.ts'
import { RingModel } from './ring-model.ts'
import { RoundsModel } from './rounds-model.ts'
import { SpareModel } from './spare-model.ts'

/** What the engine says of itself: the providers of its current service and of its spare. */
export interface Seen {
  readonly current: string | undefined
  readonly spare: string | undefined
}

/**
 * What the engine should be doing, from what the fakes saw: which service is the current one, why it may or must be
 * left, whom to dial next. What contradicts it is a violation.
 */
export class Model extends Journal {
  readonly links: LinkRecord[] = []
  readonly runs: RunRecord[] = []
  readonly ring: RingModel
  readonly rounds: RoundsModel = new RoundsModel()
  readonly times: Times
  readonly scenario: Scenario
  current: LinkRecord | undefined
  /** The one before it. */
  former: LinkRecord | undefined
  /** How often a service became current after another. */
  moves = 0
  readonly failover: FailoverModel = new FailoverModel()
  readonly spare: SpareModel
  readonly events: EventModel = new EventModel()
  look: () => Seen = () => ({ current: undefined, spare: undefined })
  /** Sees what the engine has done since the last time. */
  observe: () => void = () => {}
  closedAt: number | undefined
  /** When what drains because of `close` is disconnected. */
  closeDrainsUntil: number = Number.POSITIVE_INFINITY
  /** The last dial that ended, to tell how long the engine has been resting. */
  lastDialEndedAt = 0
  /** When the list changed, and when the current service was removed by that. */
  listedAt = 0
  removedAt = -1
  readonly judging: Set<object> = new Set()
  /** When dials failed that runs may have waited for. */
  readonly dialFailures: number[] = []
  /** Errors of dials that were judged to be the caller's, and of all dials. */
  readonly callerErrors: Set<unknown> = new Set()
  readonly dialErrors: Map<unknown, LinkRecord> = new Map()
  #hadCurrent = false

  constructor(scenario: Scenario) {
    super()
    this.scenario = scenario
    this.times = timesOf(scenario.options)
    this.ring = new RingModel(scenario.sources, scenario.options.cooldownMs ?? 0)
    this.spare = new SpareModel(scenario, this.ring)
  }

  /** What has opened is current or a spare, unless it was given up in the same turn. */
  promote(): void {
    let isNews = this.spare.link !== undefined
    for (const link of this.links) {
      if (link.state !== 'opening') continue
      this.lastDialEndedAt = now()
      if (link.context.signal.aborted || this.closedAt !== undefined) link.state = 'late'
      else isNews = true
    }
    if (isNews && this.closedAt === undefined) this.observe()
    const { current } = this
    if (current?.blame && this.look().current !== current.provider) this.leaveToBlame()
  }

  becomesCurrent(link: LinkRecord): void {
    if (this.current?.blame?.certain) this.leaveToBlame()
    if (this.current) this.left(this.current, 'manual', now())
    link.state = 'up'
    this.current = link
    this.events.used(link)
    this.failover.forget()
    if (this.#hadCurrent) this.moves++
    this.#hadCurrent = true
    this.rounds.over()
    this.spare.renew(link, false)
    for (const each of this.links) {
      if (!isUnderWay(each)) continue
      // It is not the engine's dial any more, though it may be again.
      Object.assign(each, { role: 'beside', hedged: [] })
      each.isGivenUp = !isDialling(each) && this.spare.mayKeep(each, link) === 'no'
    }
    if (link.blame?.certain) this.left(link, link.blame.reason, link.blame.at)
  }

  /** There is a reason to leave a service. Where it is not the current one, it moves nothing (G3). */
  blame(link: LinkRecord, reason: Reason, certain: boolean): void {
    if (link.state === 'dialling' || link.state === 'late') return
    if (reason === 'lost' || reason === 'probe') link.isDead = true
    if (link.blame?.certain || (link.blame && !certain)) return
    this.note(`${name(link)} ${certain ? 'is' : 'may be'} to blame: ${reason}`)
    link.blame = { reason, at: now(), certain }
  }

  left(link: LinkRecord, reason: Reason, at: number): void {
    if (link.state === 'left') return
    this.note(`${name(link)} is left: ${reason}`)
    link.state = 'left'
    link.leftAt = at
    link.drainsUntil = reason === 'close' ? Number.POSITIVE_INFINITY : at + this.times.drainMs
    if (link !== this.current) return
    this.current = undefined
    this.former = link
    this.events.left(link, reason)
    if (this.failover.pending > 0 || this.spare.mayTake(link)) this.events.mix()
    if (reason === 'manual' || reason === 'failback') this.ring.passed(link.provider)
    else if (reason !== 'close' && reason !== 'removed') this.#failed(link, at)
  }

  #failed(link: LinkRecord, at: number): void {
    const { ring, rounds, spare, failover } = this
    ring.failed(link.provider, at)
    // Whether a run succeeded in this very turn, nobody can tell; one before it did.
    const isProved = link.provedAt !== undefined && link.provedAt < at
    if (!isProved) rounds.failed(ring.sources.length, link.provedAt === undefined && failover.pending === 0)
    // A dial beside it that failed in this very turn may have been handed over before.
    for (const { failedAt } of this.links) {
      if (failedAt !== now()) continue
      this.dialFailures.push(failedAt)
      rounds.failed(ring.sources.length, false)
    }
    if (spare.failback.isResting === 'yes') spare.failback.isResting = failover.pending === 0 ? 'no' : 'maybe'
  }

  /** Leaves the current service, if there is a reason. */
  leaveToBlame(): void {
    const { current } = this
    if (!current?.blame) return
    const { reason, at, certain } = current.blame
    this.left(current, reason, certain ? at : now())
  }

  /** An operation failed, and the verdict on it is out. */
  judged(operation: OperationRecord): void {
    const { link, ended, run, context } = operation
    operation.isJudged = true
    if (run.settled) operation.isGivenUp = true
    else run.waitsSince = now()
    if (ended === 'ok') {
      link.provedAt ??= now()
      this.rounds.succeeded(false)
    }
    if (ended !== 'next' && ended !== 'unsure' && ended !== 'suspect') return
    if (ended === 'suspect' && this.scenario.canProbe) return
    const isGivenUp = run.settled !== undefined || context.signal.aborted
    if (link.state === 'up') this.blame(link, 'error', !isGivenUp)
  }

  /** Looks at the clock: attempts that were given up, and providers that must have been left by now. */
  tick(currentSource: string | undefined): void {
    this.promote()
    for (const run of this.runs) {
      const last = run.operations.at(-1)
      if (run.settled || !last || last.ended || now() < last.startedAt + run.attemptTimeoutMs) continue
      if (last.link.state === 'up' && !this.scenario.canProbe) {
        this.blame(last.link, 'timeout', now() >= last.startedAt + run.attemptTimeoutMs + graceMs)
      }
    }
    const { current } = this
    if (current?.blame && (current.blame.certain || currentSource !== current.provider)) this.leaveToBlame()
    else if (current?.provedAt !== undefined && current.provedAt < now()) this.rounds.succeeded(true)
  }
}
