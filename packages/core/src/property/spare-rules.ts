// What must hold of the second link, and of a second dial: G2, G7, G12, G14. What may not happen is seen when it
// happens (`observe.ts`, `dial-rules.ts`); here is what must.

import { graceMs, now } from './clock.ts'
import type { Model } from './model.ts'
import { isDialling, isUnderWay, type LinkRecord, name, whoWaits } from './records.ts'

/** When everything has settled. */
export function checkSpare(model: Model): void {
  const { spare, current, closedAt } = model
  const seen = model.look()
  const expected = spare.link?.provider
  if (seen.spare !== expected) model.violated(`the spare is ${seen.spare}; expected ${expected}`)
  for (const link of model.links) {
    if (link.state === 'opening' && link.disconnects === 0) model.violated(`G7 ${name(link)} is up, and nobody has it`)
  }
  if (closedAt !== undefined) return
  if (spare.link && spare.isDoomed) model.violated(`G7 ${name(spare.link)} is still the spare`)
  const dials = model.links.filter(isUnderWay)
  if (!current) checkNobody(model, dials)
  else if (!current.blame && spare.isOn) checkBeside(model, current, dials)
}

/** Nobody is current. */
function checkNobody(model: Model, [engine, ...more]: readonly LinkRecord[]): void {
  const { rounds, spare, times } = model
  const { link } = spare
  if (link && rounds.rest === 'none') model.violated(`G14 ${name(link)} is up, and is not taken at once`)
  if (link && now() > Math.max(rounds.at, link.upAt) + times.backoffMs + graceMs) {
    model.violated(`G8 ${name(link)} is up, and is not taken after the rest`)
  }
  if (!engine || rounds.rest !== 'none' || whoWaits(model.runs).length === 0) return
  if (engine.role !== 'engine') Object.assign(engine, { role: 'engine', engineSince: now() })
  else if (more.length === 0 && isDialling(engine)) checkHedged(model, engine)
}

/** Whoever was well when the dial became slow, is dialled beside it, one after the other. */
function checkHedged(model: Model, engine: LinkRecord): void {
  const slowAt = engine.dialledAt + model.times.hedgeMs
  const since = Math.max(slowAt, engine.engineSince, model.lastDialEndedAt)
  if (model.listedAt >= engine.dialledAt || now() <= since + graceMs) return
  const isMissing = (each: string) =>
    each !== engine.provider && !engine.hedged.includes(each) && model.ring.coolUntil(each) < slowAt - graceMs
  const missing = model.ring.sources.find(isMissing)
  if (missing) model.violated(`G14 the slow dial of ${name(engine)} is not hedged with ${missing}`)
}

/** `current` is up. */
function checkBeside(model: Model, current: LinkRecord, dials: readonly LinkRecord[]): void {
  const { spare, failover, ring, times } = model
  const isMoving = failover.isMoving(current)
  const [dial] = dials.filter(isDialling)
  if (dial && !isMoving && spare.mayKeep(dial, current) === 'no') {
    model.violated(`G7 ${name(dial)} is dialled, and nobody asks for it`)
  }
  if (isMoving && failover.spare?.state === 'spare') {
    model.violated(`G2 failover() has not taken ${name(failover.spare)}`)
  }
  if (dials.length > 0 || isMoving) return
  const { link, standby, failback } = spare
  const isProving = link && spare.wants(link, current) !== 'no'
  if (link && !standby.isOn && !isProving) model.violated(`G7 ${name(link)} is kept, and nobody asks for it`)
  if (!link && now() > standby.dueAt(current.provider, ring)) model.violated('G14 no standby is dialled')
  // It may wait for a probe, also of one that is not the spare any more.
  const lateMs = 2 * graceMs + (model.scenario.canProbe ? times.probeTimeoutMs + graceMs : 0)
  if (!isProving && now() > failback.dialDueAt(current.provider, ring) + lateMs) {
    model.violated('G14 failback does not dial')
  }
  if (link && now() > failback.takeDueAt(link, current.provider, ring) + lateMs) {
    model.violated(`G14 failback does not go to ${name(link)}`)
  }
}
