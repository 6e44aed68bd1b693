import type { Verdict } from '../index.ts'
import { type Clock, now } from './clock.ts'
import type { Model } from './model.ts'
import { FakeError, type LinkRecord, name, type OperationRecord } from './records.ts'

type Finish = (error?: FakeError) => void

/** How the fake operations end, and whether they were applied: the truth that `outcome` is measured against. */
export class OperationEnd {
  readonly byError: Map<unknown, OperationRecord> = new Map()
  readonly #model: Model
  readonly #finish = new Map<OperationRecord, Finish>()

  constructor(model: Model) {
    this.#model = model
  }

  /** Begins the operation: what `fn` returns, or throws. */
  start(operation: OperationRecord, clock: Clock, die: () => void): unknown {
    const { plan, context, link, run } = operation
    if (plan.kind === 'throw') throw this.#fail(operation, 'caller')
    if (plan.kind === 'ok' && plan.afterMs === 0) return this.#succeed(operation)
    link.pending.add(operation)
    return new Promise((resolve, reject) => {
      this.#finish.set(operation, (error) => {
        if (!link.pending.delete(operation)) return
        link.idleAt = now()
        if (error) reject(error)
        else resolve(this.#succeed(operation))
      })
      if (plan.kind === 'heed') {
        operation.isApplied = plan.isApplied
        context.signal.addEventListener('abort', () => {
          if (!link.pending.delete(operation)) return
          link.idleAt = now()
          this.#end(operation, 'aborted', context.signal.reason)
          reject(context.signal.reason)
        })
      }
      const isLimited = Math.min(run.deadlineMs, run.attemptTimeoutMs) < Number.POSITIVE_INFINITY
      operation.isFrozen = plan.kind === 'frozen' && isLimited
      if (['hang', 'frozen', 'heed'].includes(plan.kind)) operation.isApplied = plan.isApplied
      else clock.later(plan.afterMs, () => this.#isDue(operation, die))
    })
  }

  #isDue(operation: OperationRecord, die: () => void): void {
    const { kind, isApplied } = operation.plan
    if (!operation.link.pending.has(operation)) return
    const finish = this.#finish.get(operation)
    if (kind !== 'ok') operation.isApplied = isApplied && kind !== 'next' && kind !== 'caller'
    if (kind === 'ok') finish?.()
    else if (kind === 'die') die()
    else finish?.(this.#fail(operation, kind === 'unjudged' ? 'caller' : (kind as Verdict)))
  }

  /** The service is gone: what is in flight on it rejects, save what is frozen. */
  endAll(link: LinkRecord, verdict?: Verdict): void {
    for (const operation of [...link.pending]) {
      if (operation.isFrozen) continue
      // An honest provider says that it was not applied only where that is true, and it will not be.
      const honest = operation.isApplied || operation.plan.afterMs % 20 === 10 ? 'unsure' : 'next'
      this.#finish.get(operation)?.(this.#fail(operation, verdict ?? honest))
    }
  }

  #succeed(operation: OperationRecord): string {
    operation.isApplied = true
    this.#end(operation, 'ok', undefined)
    return `result of ${operation.run.name} from ${name(operation.link)}`
  }

  #fail(operation: OperationRecord, says: Verdict): FakeError {
    const { link, run, plan } = operation
    const hasJudge = this.#model.scenario.judge !== 'none'
    const canJudge = hasJudge && plan.kind !== 'unjudged'
    const verdict = hasJudge || says !== 'suspect' ? says : 'unsure'
    const code = { next: 'ECONNREFUSED', unsure: 'ECONNRESET', suspect: 'ECONNRESET', caller: undefined }[verdict]
    const error = new FakeError(`${run.name} on ${name(link)}: ${verdict}`, code)
    operation.saysVerdict = verdict
    this.byError.set(error, operation)
    // What rejects after the disconnect is unsure, unless the connector itself says that it was never sent.
    const isKept = link.disconnects === 0 || (canJudge && verdict === 'next')
    this.#end(operation, isKept ? verdict : 'unsure', error)
    return error
  }

  #end(operation: OperationRecord, ended: NonNullable<OperationRecord['ended']>, error: unknown): void {
    const { run, startedAt, context, link } = operation
    const isAborted = ended === 'aborted' && context.signal.aborted
    // What ends while its provider is being checked still counts.
    const isExpired = link.probing === 0 && now() >= startedAt + run.attemptTimeoutMs
    const isGivenUp = isAborted || run.settled !== undefined || isExpired
    Object.assign(operation, { ended, error, isGivenUp, endedAt: now() })
    this.#model.note(() => `${operation.run.name} on ${name(operation.link)} ended: ${ended}`)
    const isUnjudged = this.#model.scenario.judge === 'none' || ended === 'ok' || ended === 'aborted'
    if (isUnjudged) this.#model.judged(operation)
  }
}
