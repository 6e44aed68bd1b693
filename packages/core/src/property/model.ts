import type { Verdict } from '../index.ts'
import { graceMs, now } from './clock.ts'
import { FailoverModel } from './failover-model.ts'
import { Journal } from './journal.ts'
import { type Scenario, type Times, timesOf } from './plan.ts'
import {
  countFailedDial,
  isDialling,
  type LinkRecord,
  name,
  type OperationRecord,
  type Reason,
  type RunRecord,
} from './records.ts'
import { RingModel } from './ring-model.ts'

/**
 * What the engine should be doing, from what the fakes saw: which service is the current one, why it may or must be
 * left, whom to dial next. What contradicts it is a violation.
 */
export class Model extends Journal {
  readonly links: LinkRecord[] = []
  readonly runs: RunRecord[] = []
  readonly ring: RingModel
  readonly times: Times
  readonly scenario: Scenario
  current: LinkRecord | undefined
  /** How often a service became current after another. */
  moves = 0
  readonly failover: FailoverModel = new FailoverModel()
  closedAt: number | undefined
  /** When what drains because of `close` is disconnected. */
  closeDrainsUntil: number = Number.POSITIVE_INFINITY
  /** The last dial that ended, to tell how long the engine has been resting. */
  lastDialEndedAt = 0
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
  }

  /** `connect` was called. */
  dialled(link: LinkRecord): void {
    this.promote()
    const { current, ring } = this
    const others = this.links.filter(isDialling)
    this.links.push(link)
    if (this.closedAt !== undefined) this.violated(`G7 ${name(link)} is dialled after close()`)
    if (others.length > 0) this.violated(`G2 ${name(link)} is dialled while ${name(others[0]!)} is`)
    if (current?.blame?.certain || !this.failover.allows(link.provider, current?.provider, ring)) this.leaveToBlame()
    if (this.current) {
      if (this.failover.pending === 0) this.violated(`G1 G2 ${name(link)} is dialled while ${name(this.current)} is up`)
      else if (!this.failover.allows(link.provider, current?.provider, ring))
        this.violated(`G12 G14 ${name(link)} is not the one for failover() to dial`)
    } else {
      this.failover.forget()
      if (!ring.allows(link.provider, ring.sources)) this.violated(`G12 G14 ${name(link)} is not the one to dial`)
    }
  }

  /** The dial failed: `connect` rejected, and it was judged; or it was given up. */
  dialFailed(link: LinkRecord, verdict: Verdict, error?: unknown): void {
    if (link.hasFailed) return
    link.hasFailed = true
    if (link.state === 'dialling' && !link.isDead) link.state = 'failed'
    this.lastDialEndedAt = now()
    if (!this.ring.sources.includes(link.provider) || this.closedAt !== undefined) return
    if (verdict === 'caller') this.callerErrors.add(error)
    if (verdict !== 'caller') this.dialFailures.push(now())
    // Runs wait for the last that was dialled.
    if (verdict !== 'caller' && !this.current && link === this.links.at(-1)) countFailedDial(this.runs)
    if (this.current) this.failover.tried.push(link.provider)
    if (verdict !== 'caller') this.ring.failed(link.provider, now())
  }

  /** The service is lost; where the engine cannot have seen that it opened, its dial failed. */
  lost(link: LinkRecord, error: unknown): void {
    this.blame(link, 'lost', true)
    if (link.state !== 'dialling' && link.state !== 'opening') return
    this.dialErrors.set(error, link)
    link.isDead = true
    if (link.state === 'opening') link.state = 'late'
    if (this.scenario.judge === 'none') this.dialFailed(link, 'next')
  }

  /** What has opened is current, unless it was given up in the same turn. */
  promote(): void {
    for (const link of this.links) {
      if (link.state !== 'opening') continue
      this.lastDialEndedAt = now()
      if (link.context.signal.aborted || this.closedAt !== undefined) link.state = 'late'
      else this.#becomesCurrent(link)
    }
  }

  #becomesCurrent(link: LinkRecord): void {
    if (this.current?.blame?.certain) this.leaveToBlame()
    if (this.current) this.left(this.current, 'manual', now())
    link.state = 'up'
    this.current = link
    this.failover.forget()
    if (this.#hadCurrent) this.moves++
    this.#hadCurrent = true
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
    if (reason === 'manual') this.ring.passed(link.provider)
    else if (reason !== 'close' && reason !== 'removed') this.ring.failed(link.provider, at)
  }

  /** Leaves the current service, if there is a reason. */
  leaveToBlame(): void {
    const { current } = this
    if (!current?.blame) return
    const { reason, at, certain } = current.blame
    this.left(current, reason, certain ? at : now())
  }

  /** Before the engine is told. */
  setSources(sources: readonly string[]): void {
    if (this.current?.blame?.certain) this.leaveToBlame()
    const { current } = this
    if (sources.join() !== this.ring.sources.join()) this.failover.changed(sources)
    this.ring.replace(sources, current?.provider)
    for (const link of this.links) {
      if (sources.includes(link.provider)) continue
      link.hasFailed = true // given up
      // If it failed in this very turn, nobody can tell whether runs count that.
      if (link.dialledAt === now()) for (const run of this.runs) run.failedDials = 0
      if (link.state === 'opening') link.state = 'late'
    }
    if (current && !sources.includes(current.provider)) this.left(current, 'removed', now())
  }

  /** Before the engine is told. */
  close(drainMs: number | undefined): void {
    // Called again, only a `drainMs` that is said shortens it.
    const ms = drainMs ?? (this.closedAt === undefined ? this.times.drainMs : Number.POSITIVE_INFINITY)
    this.closedAt ??= now()
    this.closeDrainsUntil = Math.min(this.closeDrainsUntil, now() + ms)
    for (const link of this.links) if (link.state === 'up') this.left(link, 'close', now())
  }

  /** An operation failed, and the verdict on it is out. */
  judged(operation: OperationRecord): void {
    const { link, ended, run, context } = operation
    operation.isJudged = true
    if (run.settled) operation.isGivenUp = true
    else run.waitsSince = now()
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
  }
}
