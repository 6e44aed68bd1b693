// What must hold of runs: G4, G5, G6, G8.

import { ClosedError, ExhaustedError, OutcomeUnknownError, TimeoutError, TourniquetError } from '../index.ts'
import { graceMs, now } from './clock.ts'
import { attemptsOf } from './link-rules.ts'
import type { Model } from './model.ts'
import { isDialling, isInDoubt, name, type OperationRecord, type RunRecord } from './records.ts'

/** A run has resolved. */
export function checkValue(model: Model, run: RunRecord, value: unknown): void {
  const last = run.operations.at(-1)
  const expected = last && `result of ${run.name} from ${name(last.link)}`
  if (last?.ended !== 'ok' || value !== expected) model.violated(`G1 ${run.name} resolved to ${value}`)
}

/** A run has rejected: something that we saw must explain the error. */
export function checkError(model: Model, run: RunRecord, error: unknown): void {
  const last = run.operations.at(-1)
  const wrong = (why: string) => {
    model.violated(`${why}: ${run.name} rejected with ${error}`)
  }
  if (run.signal?.aborted && error === run.signal.reason) return
  if (last?.ended === 'caller' && error === last.error) return
  if (error instanceof TimeoutError && error.limit === 'deadlineMs') {
    if (now() < run.startedAt + run.deadlineMs) wrong('G5 that is before its deadline')
    return
  }
  if (last?.ended === 'ok' && !last.isGivenUp) wrong('G5 the operation succeeded')
  else if (
    (last?.ended === 'caller' && !last.isGivenUp) ||
    (last?.ended === undefined && !(error instanceof TourniquetError))
  ) {
    if (last?.error !== error && !model.callerErrors.has(error)) wrong('G4 that is not the error of the operation')
  } else if (error instanceof ClosedError) {
    if (model.closedAt === undefined) wrong('G5 nothing was closed')
  } else if (error instanceof OutcomeUnknownError) {
    if (run.idempotent) wrong('G6 it is idempotent')
    if (!last || !isInDoubt(last)) wrong('G6 nothing can have been applied')
  } else if (error instanceof TimeoutError) {
    if (error.limit !== 'attemptTimeoutMs') wrong('G5 that is no limit of a run')
    if (!last || now() < last.startedAt + run.attemptTimeoutMs) wrong('G5 that is before its time')
    if (!model.scenario.canProbe) wrong('G5 nothing could show that the provider is well')
  } else if (error instanceof ExhaustedError) checkExhausted(model, run, error)
  else if (!model.callerErrors.has(error)) wrong('G4 nothing explains that')
}

/** It names each attempt, in order: those on which `fn` was called, and the dials that this run waited for (G8). */
function checkExhausted(model: Model, run: RunRecord, error: ExhaustedError): void {
  const wrong = (why: string) => {
    model.violated(`G8 ${why}: ${run.name} rejected with ${error}`)
  }
  const { attempts, errors, cause } = error
  const most = attemptsOf(model, run.maxAttempts)
  const canChange = run.maxAttempts === undefined && model.scenario.steps.some(({ step }) => step.do === 'setSources')
  if (canChange ? attempts.length > most : attempts.length !== most) wrong(`${most} attempts were due`)
  if (errors.length !== attempts.length || cause !== errors.at(-1)) wrong('errors, attempts and cause differ')
  if (attempts.some((each, at) => each.error !== errors[at])) wrong('errors and attempts differ')
  if (new Set(errors).size !== errors.length) wrong('an attempt is counted twice')
  const operations = attempts.filter((each) => !isDial(model, each.error))
  if (operations.length !== run.operations.length) wrong(`fn was called ${run.operations.length} times`)
  for (const [at, { link, error: own, ended }] of run.operations.entries()) {
    const told = operations[at]
    if (told?.provider !== link.provider) wrong(`attempt ${at + 1} was on ${link.provider}`)
    if (ended !== 'aborted' && ended !== undefined && told?.error !== own) {
      if (!(told?.error instanceof TimeoutError)) wrong(`attempt ${at + 1} has another error`)
    }
  }
  for (const { provider, source, error: own } of attempts) {
    if (source !== provider) wrong('an attempt has the wrong source')
    const dial = model.dialErrors.get(own)
    if (dial && dial.provider !== provider) wrong('a dial is said to be of another provider')
  }
}

function isDial(model: Model, error: unknown): boolean {
  return model.dialErrors.has(error) || (error instanceof TimeoutError && error.limit === 'connectTimeoutMs')
}

/** When everything has settled: whoever should have settled has, and whoever waits has something to wait for. */
export function checkRuns(model: Model): void {
  for (const run of model.runs) {
    if (run.settled) continue
    const last = run.operations.at(-1)
    const late = (why: string) => model.violated(`G5 ${run.name} has not settled, though ${why}`)
    if (run.signal?.aborted) late('its signal has aborted')
    if (now() > run.startedAt + run.deadlineMs + graceMs) late('its deadline has passed')
    if (last?.ended === 'ok' && !last.isGivenUp) late('its operation has succeeded')
    if (last?.ended === 'caller' && last.isJudged && !last.isGivenUp)
      model.violated(`G4 ${run.name} was not told its own error at once`)
    if (run.refusedBy) model.violated(`G4 ${run.name} waits on, though its dial met ${run.refusedBy}`)
    if (isUsedUp(model, run)) model.violated(`G8 ${run.name} goes on after its last attempt`)
    if (isWaiting(model, run)) checkWait(model, run)
  }
}

/** Whether all its attempts have failed, for certain. */
function isUsedUp(model: Model, run: RunRecord): boolean {
  const last = run.operations.at(-1)
  const isOver = !last || (last.isJudged && (last.ended === 'next' || last.ended === 'unsure'))
  if (!isOver || last?.link.probing || now() <= Math.max(run.waitsSince, model.lastDialEndedAt) + graceMs) return false
  return run.failedDials > 0 && run.failedDials + run.operations.length >= attemptsOf(model, run.maxAttempts)
}

/** Whether nothing is in flight that the run must wait for. */
function isWaiting(model: Model, run: RunRecord): boolean {
  const last = run.operations.at(-1)
  if (last === undefined) return true
  if (last.ended === undefined) return now() > givenUpAt(model, last)
  return (last.isJudged || last.ended === 'aborted') && last.link.probing === 0
}

/** An attempt lasts `attemptTimeoutMs`, and one probe. */
function givenUpAt({ times, scenario }: Model, { startedAt, run }: OperationRecord): number {
  return startedAt + run.attemptTimeoutMs + graceMs + (scenario.canProbe ? times.probeTimeoutMs + graceMs : 0)
}

function checkWait(model: Model, run: RunRecord): void {
  const last = run.operations.at(-1)
  const endedAt = last && (last.ended ? Math.max(last.endedAt, last.link.probedAt) : givenUpAt(model, last))
  const since = Math.max(run.waitsSince, endedAt ?? 0)
  if (model.judging.size > 0 || now() <= since + graceMs) return
  const restsUntil = Math.max(model.lastDialEndedAt, since) + model.times.backoffMs
  const late = (why: string) => model.violated(`G5 G8 ${run.name} waits, though ${why}`)
  if (model.closedAt !== undefined) late('everything is closed')
  else if (model.current) late(`${name(model.current)} is up`)
  else if (!model.links.some(isDialling) && now() > restsUntil + graceMs) late('nothing is dialled')
}

/** `not-applied` is always true, and `unknown` has a reason (G6). When nothing is in flight any more. */
export function checkOutcome(model: Model, run: RunRecord): void {
  const { settled, operations } = run
  if (!settled) model.violated(`G5 ${run.name} never settled`)
  if (!settled || !('error' in settled) || !(settled.error instanceof TourniquetError)) return
  const { error } = settled
  const isApplied = operations.some((each) => each.isApplied)
  if (error.outcome !== 'not-applied' && error.outcome !== 'unknown') model.violated(`G6 ${error} has no outcome`)
  if (error.outcome === 'not-applied' && isApplied) model.violated(`G6 ${run.name} was applied: ${error}`)
  // What ends in the moment of the deadline may not have been judged.
  const inDoubt = operations.some(
    (each) => isInDoubt(each) || (error instanceof TimeoutError && each.endedAt === settled.at),
  )
  if (error.outcome === 'unknown' && !inDoubt) {
    model.violated(`G6 ${run.name} cannot have been applied: ${error}`)
  }
}
