import { getEventListeners } from 'node:events'
import { vi } from 'vitest'
import { Clock, graceMs, now, settle } from './clock.ts'
import { checkLeaks, checkLinks } from './link-rules.ts'
import { type Scenario, slowJudgeMs } from './plan.ts'
import { isUnderWay, type LinkRecord } from './records.ts'
import { checkOutcome, checkRuns } from './run-rules.ts'
import { checkSpare } from './spare-rules.ts'
import { Stage } from './stage.ts'

const realRandom = Math.random

/** Plays one scenario from start to close, and checks every rule after every step. Throws at the first violation. */
export async function play(scenario: Scenario): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // thousands of errors, and nobody looks at where they are from
  const { random } = scenario
  let drawn = 0
  Math.random = () => random[drawn++ % random.length] as number
  const clock = new Clock()
  const stage = new Stage(scenario, clock)
  const unhandled = (error: unknown) => stage.model.violated(`an unhandled rejection: ${error}`)
  process.on('unhandledRejection', unhandled)
  try {
    await new Play(stage, clock).play()
  } finally {
    process.off('unhandledRejection', unhandled)
    Math.random = realRandom
    Error.stackTraceLimit = stackTraceLimit
    vi.useRealTimers()
  }
}

class Play {
  readonly #stage: Stage
  readonly #clock: Clock
  #quietSince: number | undefined

  constructor(stage: Stage, clock: Clock) {
    this.#stage = stage
    this.#clock = clock
  }

  async play(): Promise<void> {
    for (const { step, together } of this.#stage.model.scenario.steps) {
      this.#stage.model.note(() => `--- ${JSON.stringify(step)}${together ? ' and' : ''}`)
      if (step.do === 'wait') await this.#clock.advance(step.ms, () => this.#check())
      else this.#stage.take(step)
      // What a step decides to dial is dialled a microtask later.
      await (together ? Promise.resolve() : settle())
      if (!together) this.#check()
    }
    await settle()
    this.#check()
    if (this.#stage.model.closedAt === undefined) await this.#heal()
    await this.#close()
  }

  #check(): void {
    const { model } = this.#stage
    checkLinks(model, this.#stage.rr)
    checkSpare(model)
    checkRuns(model)
    this.#checkEvents()
    this.#checkTimers()
    this.#checkHeld()
    this.#stage.model.throwIfViolated()
  }

  #checkEvents(): void {
    const { model } = this.#stage
    const { events, moves } = model
    if (events.failovers !== moves) {
      model.violated(`G2 ${moves} failovers were due, and there were ${events.failovers}`)
    }
    for (const wrong of events.wrong()) model.violated(wrong)
  }

  /** What nobody waits for does not keep the process alive. */
  #checkHeld(): void {
    const { model } = this.#stage
    const { runs, links, judging, failover, current } = model
    const isBusy = ({ probing, busyUntil, state, disconnects }: LinkRecord) =>
      probing > 0 || now() <= busyUntil || (state === 'left' && disconnects === 0)
    const isWaiting = runs.some(({ settled }) => !settled) || failover.pending > 0 || judging.size > 0
    if (isWaiting || links.some(isBusy) || (!current && links.some(isUnderWay))) return
    const { heldTimers } = this.#clock
    if (heldTimers > 0) model.violated(`G7 ${heldTimers} timers keep the process alive, and nobody waits for them`)
  }

  /** Once everything is closed and has settled, no timer of the engine is left. */
  #checkTimers(): void {
    const { runs, links, judging } = this.#stage.model
    const isBusy = judging.size > 0 || links.some(({ busyUntil }) => now() < busyUntil)
    if (!this.#stage.isClosed || isBusy || runs.some(({ settled }) => !settled)) this.#quietSince = undefined
    else this.#quietSince ??= now()
    const { engineTimers } = this.#clock
    if (engineTimers > 0 && this.#quietSince !== undefined && now() > this.#quietSince + 2 * graceMs)
      this.#stage.model.violated(`G7 ${engineTimers} timers are left`)
  }

  /** Every provider is well again: a run succeeds within the backoff cap, plus a dial that was under way (G8). */
  async #heal(): Promise<void> {
    const { model } = this.#stage
    model.note('--- all providers are well again')
    this.#stage.network.isHealed = true
    await this.#clock.advance(slowJudgeMs, () => this.#check()) // for the verdicts that are still out
    const hanging = model.links.filter(isUnderWay).length
    const never = Number.POSITIVE_INFINITY
    const maxAttempts = Math.max(hanging, 1) + 1
    const limits = { idempotent: true, maxAttempts, deadlineMs: never, attemptTimeoutMs: never }
    const run = this.#stage.run({ operations: [], limits, signal: undefined })
    const { backoffMs, connectTimeoutMs } = model.times
    const waitMs =
      backoffMs + (hanging > 0 ? connectTimeoutMs : 0) + (model.scenario.judge === 'slow' ? slowJudgeMs : 0)
    await this.#clock.advance(waitMs + 2 * graceMs, () => this.#check())
    if (!run.settled || 'error' in run.settled) model.violated('G8 a run failed though all providers are well again')
    this.#stage.model.throwIfViolated()
  }

  async #close(): Promise<void> {
    const { model } = this.#stage
    model.note('--- close')
    this.#stage.close(undefined)
    await settle()
    const limitMs = Math.max(0, model.closeDrainsUntil - now()) + model.times.disconnectMs + 2 * graceMs
    // Whatever opens late, does so in this time, and then may take its time to be disconnected, like the others.
    await this.#clock.advance(limitMs, () => this.#check())
    if (!this.#stage.isClosed) model.violated('G5 close() has not settled')
    await this.#clock.advance(limitMs, () => this.#check())
    await Promise.race([Promise.all(this.#stage.promises), settle()]).then((all) => {
      if (!all) model.violated('G5 a promise of failover() or close() never settled')
    })
    for (const run of model.runs) checkOutcome(model, run)
    checkLeaks(model)
    if (this.#clock.engineTimers !== 0) model.violated(`G7 ${this.#clock.engineTimers} timers are left`)
    const listeners = this.#stage.controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort'))
    if (listeners.length > 0) model.violated(`G7 ${listeners.length} listeners are left on the callers' signals`)
    this.#stage.model.throwIfViolated()
  }
}
