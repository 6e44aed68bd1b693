import { type Clock, now } from './clock.ts'
import type { Model } from './model.ts'
import type { ProbePlan } from './plan.ts'
import { FakeError, type LinkRecord, name } from './records.ts'

/** One fake probe; a failure, or no answer in time, is a reason to leave the service. */
export function probe(
  link: LinkRecord,
  plan: ProbePlan,
  signal: AbortSignal,
  model: Model,
  clock: Clock,
): Promise<void> {
  const startedAt = now()
  model.note(() => `probe ${name(link)}: ${plan.kind} ${plan.afterMs} ms`)
  if (++link.probing > 1) model.violated(`two probes of ${name(link)} at once`)
  if (link.disconnects > 0) model.violated(`G3 ${name(link)} is probed after its disconnect`)
  return new Promise((resolve, reject) => {
    let isOver = false
    const end = (isWell: boolean, error?: unknown) => {
      isOver = true
      link.probing--
      link.probedAt = now()
      if (isWell) resolve()
      else reject(error)
    }
    signal.addEventListener('abort', () => {
      if (isOver) return
      if (now() >= startedAt + model.times.probeTimeoutMs) model.blame(link, 'probe', true)
      end(false, signal.reason)
    })
    if (plan.kind === 'hang') return
    clock.later(plan.afterMs, () => {
      if (isOver) return
      if (plan.kind === 'fail') model.blame(link, 'probe', true)
      end(plan.kind === 'pass', new FakeError(`${name(link)} failed its probe`))
    })
  })
}
