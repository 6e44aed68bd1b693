// What must hold of dials: who may be dialled when, and what follows from a dial that fails (G2, G12, G14).

import { TimeoutError, type Verdict } from '../index.ts'
import { now } from './clock.ts'
import type { Model } from './model.ts'
import { slowJudgeMs } from './plan.ts'
import { isDialling, isUnderWay, type LinkRecord, name, whoWaits } from './records.ts'

/** `connect` is called. */
export function dialled(model: Model, link: LinkRecord): void {
  model.promote()
  const others = model.links.filter(isUnderWay)
  const { current, former, failover, ring } = model
  model.links.push(link)
  if (model.closedAt !== undefined) model.violated(`G7 ${name(link)} is dialled after close()`)
  // It may have been begun just before that beside which it is dialled came to its end, in this very turn.
  const besides = current ?? (former?.leftAt === now() ? former : undefined)
  const beside = besides && isBeside(model, link, besides)
  if (current?.blame?.certain || !beside) model.leaveToBlame()
  if (model.current) {
    link.role = 'beside'
    const dialling = others.find(isDialling)
    if (dialling) model.violated(`G2 ${name(link)} is dialled while ${name(dialling)} is`)
    if (beside) return
    if (failover.pending > 0) model.violated(`G12 G14 ${name(link)} is not the one for failover() to dial`)
    else model.violated(`G1 G2 G12 ${name(link)} is dialled while ${name(model.current)} is up`)
    return
  }
  failover.forget()
  const slow = model.links.findLast(({ failedAt }) => failedAt === now())
  if (others.length > 0) hedges(model, link, others)
  else if (beside || (slow && mayHedge(model, link, slow))) {
    link.role = 'beside'
    model.rounds.over(false)
  } else {
    if (model.rounds.isJustDue) model.violated(`G2 ${name(link)} is dialled without a rest after a round`)
    model.rounds.over()
    if (!ring.allows(link.provider, ring.sources)) model.violated(`G12 G14 ${name(link)} is not the one to dial`)
  }
}

/** Whether it may be dialled beside `current`. */
function isBeside(model: Model, link: LinkRecord, current: LinkRecord): boolean {
  return byOperator(model, link, current) || model.spare.whoDials(link.provider, current) !== undefined
}

function byOperator({ failover, ring, spare }: Model, link: LinkRecord, current: LinkRecord): boolean {
  if (spare.link || !failover.isMoving(current)) return false
  if (failover.allows(link.provider, current.provider, ring)) return true
  // One that was out of turn (it was under way before, or the next one cooled) does not change whose turn it is.
  const untried = ring.sources.filter((each) => each !== current.provider && !failover.tried.includes(each))
  return ring.allows(link.provider, untried, current.provider)
}

/** A second dial while nobody is current: the first is slow. */
function hedges(model: Model, link: LinkRecord, [engine, ...more]: readonly LinkRecord[]): void {
  link.role = 'hedge'
  if (!engine) return
  const wrong = (why: string) => model.violated(`${why}: ${name(link)} is dialled while ${name(engine)} is`)
  if (more.some(isDialling)) wrong('G2 there are three dials at a time')
  if (!mayHedge(model, link, engine)) wrong('G2 G12 G14 it is no hedge')
  engine.hedged.push(link.provider)
  if (engine.role !== 'engine') Object.assign(engine, { role: 'engine', engineSince: now() })
}

function mayHedge({ ring, times }: Model, link: LinkRecord, engine: LinkRecord): boolean {
  if (now() < engine.dialledAt + times.hedgeMs) return false
  const untried = ring.sources.filter((each) => each !== engine.provider && !engine.hedged.includes(each))
  return ring.allowsReady(link.provider, untried, engine.provider)
}

/** The signal of a dial has aborted. */
export function aborted(model: Model, link: LinkRecord): void {
  model.note(`the dial of ${name(link)} is given up`)
  const { reason } = link.context.signal
  const isExpired = now() >= link.dialledAt + model.times.connectTimeoutMs && reason instanceof TimeoutError
  if (link.isDead) return
  if (isExpired) dialFailed(model, link, 'next', reason)
  else checkGivenUp(model, link)
}

/** It is given up neither because it took too long, nor because its service was lost. */
function checkGivenUp(model: Model, link: LinkRecord): void {
  model.promote()
  const { current, spare, ring, closedAt, removedAt } = model
  if (closedAt !== undefined || removedAt === now() || !ring.sources.includes(link.provider)) return
  if (current && (current.blame || spare.mayKeep(link, current) !== 'yes')) return
  model.violated(`G14 the dial of ${name(link)} is given up though it is needed`)
}

/** The dial failed: `connect` rejected, and it was judged; or it was given up. */
export function dialFailed(model: Model, link: LinkRecord, verdict: Verdict, error: unknown): void {
  if (link.hasFailed) return
  model.promote()
  if (model.current?.blame?.certain) model.leaveToBlame()
  const role = roleOf(model, link)
  const { ring, rounds, runs } = model
  link.hasFailed = true
  link.failedAt = now()
  if (link.state === 'dialling' && !link.isDead) link.state = 'failed'
  model.lastDialEndedAt = now()
  if (!ring.sources.includes(link.provider) || model.closedAt !== undefined) return
  model.events.mustTell(error, link)
  if (role === 'beside') besideFailed(model, link)
  if (verdict === 'caller') {
    model.callerErrors.add(error)
    // What a hedge meets turns away those who wait for the dial beside it.
    if (role === 'engine' || role === 'hedge') for (const run of whoWaits(runs)) run.refusedBy = error
    return
  }
  if (role !== 'engine' && role !== 'orphan') ring.failedBeside(link.provider, now())
  if (role === 'beside' || role === 'hedge' || role === 'none') return
  ring.failed(link.provider, now())
  model.dialFailures.push(now())
  if (role === 'engine') for (const run of whoWaits(runs)) run.failedDials++
  rounds.failed(ring.sources.length, role === 'engine')
}

function besideFailed({ current, failover, spare, ring }: Model, link: LinkRecord): void {
  failover.tried.push(link.provider)
  spare.failback.changed()
  if (current) spare.standby.failed(link.provider, current.provider, ring)
}

/**
 * `orphan`: perhaps nobody waits for it; `none`: certainly nobody does. `unsure`: the dial that it was for may have ended
 * just before.
 */
function roleOf({ current, links }: Model, link: LinkRecord): Role {
  if (link.isGivenUp) return 'none'
  if (current) return 'beside'
  const [engine = link] = links.filter((each) => each === link || isUnderWay(each))
  if (engine === link) return link.role === 'engine' ? 'engine' : 'orphan'
  const isBeingJudged = engine.rejectedAt < now() && now() < engine.rejectedAt + slowJudgeMs
  return isDialling(engine) || isBeingJudged ? 'hedge' : 'unsure'
}

type Role = 'engine' | 'hedge' | 'beside' | 'none' | 'orphan' | 'unsure'

/** The service is lost; where the engine cannot have seen that it opened, its dial failed. */
export function lost(model: Model, link: LinkRecord, error: unknown): void {
  model.promote()
  if (!link.blame && (link.state === 'up' || link.state === 'spare')) model.events.mustTell(error, link)
  // Runs that waited for it may not have seen it while it was up.
  if (link.state === 'up' && link.upAt === now()) {
    model.dialFailures.push(now())
    model.dialErrors.set(error, link)
  }
  model.blame(link, 'lost', true)
  if (link.state !== 'dialling' && link.state !== 'opening') return
  model.dialErrors.set(error, link)
  Object.assign(link, { isDead: true, rejectedAt: now() })
  if (link.state === 'opening') link.state = 'late'
  if (model.scenario.judge === 'none') dialFailed(model, link, 'next', error)
}
