// What callers and operators change: before the engine is told.

import { now } from './clock.ts'
import type { Model } from './model.ts'
import { isUnderWay } from './records.ts'

export function setSources(model: Model, sources: readonly string[]): void {
  model.promote()
  if (model.current?.blame?.certain) {
    model.leaveToBlame()
    model.events.mix()
  }
  const { current, ring, spare } = model
  const isRemoved = current !== undefined && !sources.includes(current.provider)
  if (sources.join() !== ring.sources.join()) model.failover.changed(sources)
  ring.replace(sources, current?.provider)
  model.listedAt = now()
  spare.failback.listed(sources)
  for (const link of model.links) {
    link.hedged = link.hedged.filter((each) => sources.includes(each)) // one that comes back is new
    // Runs start at the first of the list: a dial to another, that nobody waits for, is of no use.
    const isUseless = isRemoved && link.provider !== sources[0]
    link.isGivenUp ||= isUseless
    if (isUseless && link.state === 'opening') link.state = 'late'
    if (sources.includes(link.provider)) continue
    link.hasFailed = true // given up
    model.events.removed(link)
    // If it failed in this very turn, nobody can tell whether runs count that.
    if (link.dialledAt === now()) for (const run of model.runs) run.failedDials = 0
    if (link.state === 'opening') link.state = 'late'
  }
  const kept = spare.link?.provider
  if (kept !== undefined && (isRemoved ? kept !== sources[0] : !sources.includes(kept))) spare.isDoomed = true
  if (isRemoved) {
    model.removedAt = now()
    model.left(current, 'removed', now())
  } else if (current) {
    spare.renew(current, true)
    if (spare.link && !spare.standby.isOn && spare.wants(spare.link, current) === 'no') spare.isDoomed = true
    // What is looked for in the old order, may be looked for in it until the end.
    if (model.links.some(isUnderWay)) spare.standby.share()
  }
  model.rounds.unknown(sources.length)
}

export function close(model: Model, drainMs: number | undefined): void {
  model.promote()
  // Called again, only a `drainMs` that is said shortens it.
  const ms = drainMs ?? (model.closedAt === undefined ? model.times.drainMs : Number.POSITIVE_INFINITY)
  model.closedAt ??= now()
  model.closeDrainsUntil = Math.min(model.closeDrainsUntil, now() + ms)
  for (const link of model.links) if (link.state === 'up' || link.state === 'spare') model.left(link, 'close', now())
  model.spare.ended(false)
  model.events.end()
}

/** `failover()` is called. */
export function failover(model: Model): void {
  model.promote()
  // It may have been left in this turn, or be about to be.
  const isUp = model.look().current !== undefined
  const { link } = model.spare
  model.failover.begun(isUp ? model.current : undefined, link?.isDead || model.spare.isDoomed ? undefined : link)
  model.spare.standby.share()
}
