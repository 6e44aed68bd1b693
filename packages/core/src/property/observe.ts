// With a spare, who is current and who is the spare is seen, and compared with what the contract allows.

import { now } from './clock.ts'
import type { Model } from './model.ts'
import { type LinkRecord, name } from './records.ts'

/** Sees what the engine has done since the last look. */
export function observe(model: Model): void {
  const seen = model.look()
  const { spare } = model
  if (spare.link && seen.current === spare.link.provider && model.current?.provider !== seen.current) taken(model)
  for (const link of model.links) {
    if (link.state !== 'opening') continue
    // With one provider, `failover()` replaces a service by one of the same: only the event tells.
    const isSame = link.provider === model.current?.provider
    if (isSame ? model.events.isAhead(link.provider) : link.provider === seen.current) opened(model, link)
    else if (link.provider === seen.spare && link.provider !== spare.link?.provider) kept(model, link)
  }
  if (spare.link && seen.spare !== spare.link.provider) ended(model)
}

/** Runs go to the spare now. */
function taken(model: Model): void {
  const { current, spare, failover } = model
  const link = spare.link as LinkRecord
  if (link.isDead) model.violated(`G2 ${name(link)} is taken though it was lost`)
  if (spare.isDoomed) model.violated(`G14 ${name(link)} is taken, and not the first of the new list`)
  if (current?.blame?.certain) model.leaveToBlame()
  else if (failover.isMoving(current)) move(model, 'manual')
  else if (current && spare.mayTake(current)) move(model, 'failback')
  else if (current?.blame) model.leaveToBlame()
  else if (current) {
    model.violated(`G1 G14 ${name(link)} is taken though ${name(current)} is not to blame`)
    move(model, 'failback')
  }
  if (model.rounds.isJustDue) model.violated(`G2 ${name(link)} is taken without a rest after a round`)
  model.note(`${name(link)} is taken`)
  spare.ended(false)
  model.becomesCurrent(link)
}

/** A dial has come up, and runs go there now. */
function opened(model: Model, link: LinkRecord): void {
  const { current } = model
  if (current && !current.blame?.certain) {
    if (!model.failover.isMoving(current) && !current.blame) {
      model.violated(`G1 runs go to ${name(link)}, though ${name(current)} is not to blame`)
    }
    if (model.failover.isMoving(current)) move(model, 'manual')
    else model.leaveToBlame()
  }
  model.becomesCurrent(link)
}

function move(model: Model, reason: 'manual' | 'failback'): void {
  const { current, spare } = model
  if (!current) return
  if (reason === 'failback') spare.failback.switched()
  else spare.failback.isResting = current.blame ? 'maybe' : 'yes'
  model.left(current, reason, now())
}

/** A dial has come up, and is kept beside the current one; or, while the ring rests, instead of one. */
function kept(model: Model, link: LinkRecord): void {
  const { current, spare, failover } = model
  if (current && !current.blame) {
    if (failover.isMoving(current)) model.violated(`G2 failover() does not take ${name(link)}, which is up`)
    if (spare.mayKeep(link, current) === 'no') model.violated(`G7 ${name(link)} is kept though nobody asks for it`)
  }
  if (spare.link) {
    if (!mayEnd(model, link)) model.violated(`G7 ${name(link)} takes the place of ${name(spare.link)}`)
    ended(model)
  }
  model.note(`${name(link)} is the spare`)
  link.state = 'spare'
  spare.link = link
  model.events.used(link)
  spare.failback.changed()
}

/** The spare is not that any more, and runs do not go there. */
export function ended(model: Model): void {
  const { spare, current } = model
  const { link } = spare
  if (!link) return
  if (!mayEnd(model)) model.violated(`G7 ${name(link)}, the spare, is left for no reason`)
  const { blame } = link
  model.left(link, blame?.reason ?? 'removed', blame?.at ?? now())
  spare.ended(blame !== undefined)
  if (blame && current) model.ring.failedBeside(link.provider, blame.at)
  else if (blame) model.ring.failed(link.provider, blame.at)
}

/** Whether the spare may go: it was lost, its list is another, or another takes its place. */
function mayEnd(model: Model, other?: LinkRecord): boolean {
  const { spare, current, links } = model
  if (!spare.link || spare.link.blame || spare.isDoomed) return true
  const others = other ? [other] : links.filter(({ state }) => state === 'opening')
  return others.some((each) => spare.mayReplace(each, current))
}
