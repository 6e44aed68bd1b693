// What must hold of connections: G1, G2, G3, G7.

import type { RoundRobin } from '../index.ts'
import { graceMs, now } from './clock.ts'
import type { Model } from './model.ts'
import { ended } from './observe.ts'
import { isDialling, type LinkRecord, mayBeApplied, name, type OperationRecord, type Service } from './records.ts'

/** `fn` is called. */
export function checkCall(model: Model, { link, run, context }: OperationRecord): void {
  // What has opened beside the current service is current once it is used.
  if (link.state === 'opening' || link.state === 'spare') model.promote()
  const before = run.operations
  if (link.state === 'left') model.violated(`G2 ${run.name} starts on ${name(link)}, which was left`)
  else if (link !== model.current) model.violated(`G1 ${run.name} starts on ${name(link)}, which is not current`)
  if (link.isDead) model.violated(`G2 ${run.name} starts on ${name(link)}, which was lost`)
  if (link.disconnects > 0) model.violated(`G7 ${run.name} starts on ${name(link)}, which was disconnected`)
  if (run.settled) model.violated(`G5 ${run.name} is sent again though it has settled`)
  if (run.signal?.aborted) model.violated(`G5 ${run.name} is sent though its signal has aborted`)
  if (before.length >= attemptsOf(model, run.maxAttempts)) model.violated(`G8 ${run.name} exceeds maxAttempts`)
  if (before.some((each) => each.ended === 'caller' && !each.isGivenUp)) {
    model.violated(`G4 ${run.name} is sent again after its own error`)
  }
  const dials = context.attempt - before.length - 1
  const mostDials = model.dialFailures.filter((at) => at >= run.startedAt).length
  if (dials < run.failedDials || dials > mostDials) model.violated(`G8 ${run.name} counts ${dials} failed dials`)
  if (!run.idempotent && before.some(mayBeApplied)) model.violated(`G6 ${run.name} is sent twice`)
}

/** The default is read live, so that a scenario that changes the list allows the longest. */
export function attemptsOf(model: Model, maxAttempts: number | undefined): number {
  const lists = model.scenario.steps.map(({ step }) => (step.do === 'setSources' ? step.sources.length : 0))
  return maxAttempts ?? Math.max(model.scenario.sources.length, ...lists) + 1
}

/** `disconnect` is called. */
export function checkDisconnect(model: Model, link: LinkRecord): void {
  if (link.disconnects > 0) model.violated(`G7 ${name(link)} is disconnected twice`)
  // The engine may have moved on in this very turn.
  if (link.state === 'opening' || (link.state === 'up' && !link.blame?.certain)) model.promote()
  checkSpareDisconnect(model, link)
  if (link.state === 'dialling') model.violated(`G7 ${name(link)} is disconnected before it opened`)
  // A reason that was only possible may have become certain at any time since.
  if (link.state === 'up' && link.blame) model.left(link, link.blame.reason, link.blame.certain ? link.blame.at : now())
  if (link.state === 'up') model.violated(`G1 G3 ${name(link)} is disconnected though it is current and not to blame`)
  const deaf = [...link.pending].find(({ context }) => !context.signal.aborted)
  if (deaf) model.violated(`G5 ${deaf.run.name} is not told by its signal that ${name(link)} is disconnected`)
  if (link.state === 'left' && link.pending.size > 0 && now() < endsAt(model, link) - graceMs) {
    model.violated(`G1 ${name(link)} is disconnected while operations in flight may still finish`)
  }
}

/** What nobody needs beside the current service goes at once; but nothing else. */
function checkSpareDisconnect(model: Model, link: LinkRecord): void {
  const { current, spare } = model
  if (link.state === 'spare') ended(model)
  if (link.state !== 'opening') return
  link.state = 'late'
  if (!current) model.violated(`G7 ${name(link)} is disconnected though nobody else is up`)
  else if (!current.blame && spare.mayKeep(link, current) === 'yes') {
    model.violated(`G7 ${name(link)} is disconnected though it is needed beside ${name(current)}`)
  }
}

/** When a service that was left must be disconnected, whatever is in flight. */
function endsAt({ closeDrainsUntil }: Model, link: LinkRecord): number {
  return link.isDead ? link.leftAt : Math.min(link.drainsUntil, closeDrainsUntil)
}

/** When everything has settled. */
export function checkLinks(model: Model, rr: RoundRobin<string, Service>): void {
  model.tick(rr.current)
  const { current } = model
  if (rr.current !== current?.provider) {
    model.violated(`G1 the current provider is ${rr.current}; expected ${current?.provider}`)
  }
  for (const link of model.links) {
    checkDialling(model, link)
    if (link.disconnects > 0) continue
    if (link.state === 'late') model.violated(`G7 ${name(link)} opened too late and is not disconnected`)
    if (link.state !== 'left') continue
    const idleFrom = link.pending.size > 0 ? Number.POSITIVE_INFINITY : Math.max(link.idleAt, link.leftAt)
    const due = Math.min(endsAt(model, link), idleFrom)
    if (now() > due + graceMs) model.violated(`G7 ${name(link)} was left and is still connected`)
  }
}

function checkDialling(model: Model, link: LinkRecord): void {
  if (!isDialling(link)) return
  if (now() > link.dialledAt + model.times.connectTimeoutMs + graceMs) {
    model.violated(`G5 ${name(link)} is dialled for longer than connectTimeoutMs`)
  }
  if (!model.ring.sources.includes(link.provider)) model.violated(`G7 ${name(link)} is dialled though it was removed`)
  if (model.closedAt !== undefined) model.violated(`G7 ${name(link)} is dialled after close()`)
}

/** When everything is over. */
export function checkLeaks(model: Model): void {
  for (const link of model.links) {
    const isOpened = link.state !== 'failed' && link.state !== 'dialling'
    if (isOpened && link.disconnects !== 1) model.violated(`G7 ${name(link)} is disconnected ${link.disconnects} times`)
    if (link.pending.size > 0 && [...link.pending].some(({ isFrozen }) => !isFrozen)) {
      model.violated(`G7 something is in flight on ${name(link)} after close()`)
    }
  }
}
