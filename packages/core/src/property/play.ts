import { getEventListeners } from 'node:events'
import { vi } from 'vitest'
import { RoundRobin, type RunOptions } from '../index.ts'
import { Clock, graceMs, now, settle } from './clock.ts'
import { checkLeaks, checkLinks } from './link-rules.ts'
import { isDialling, Model } from './model.ts'
import { Network } from './network.ts'
import { type RunPlan, type Scenario, type Step, signalCount, slowJudgeMs } from './plan.ts'
import type { RunRecord, Service, Settled } from './records.ts'
import { checkError, checkOutcome, checkRuns, checkValue } from './run-rules.ts'

const realRandom = Math.random

/** Plays one scenario from start to close, and checks every rule after every step. Throws at the first violation. */
export async function play(scenario: Scenario): Promise<void> {
  vi.useFakeTimers()
  const stage = new Stage(scenario)
  const unhandled = (error: unknown) => stage.model.violated(`an unhandled rejection: ${error}`)
  process.on('unhandledRejection', unhandled)
  try {
    await stage.play()
  } finally {
    process.off('unhandledRejection', unhandled)
    Math.random = realRandom
    vi.useRealTimers()
  }
}

class Stage {
  readonly model: Model
  readonly #scenario: Scenario
  readonly #clock: Clock = new Clock()
  readonly #network: Network
  readonly #rr: RoundRobin<string, Service>
  readonly #controllers: AbortController[] = Array.from({ length: signalCount }, () => new AbortController())
  readonly #others: Promise<unknown>[] = []
  #failoverEvents = 0
  #isClosed = false
  #quietSince: number | undefined

  constructor(scenario: Scenario) {
    const { options, random } = scenario
    const { connectTimeoutMs = 5000, probeTimeoutMs = 1000, drainMs = 5000, backoff } = options
    let drawn = 0
    Math.random = () => random[drawn++ % random.length] as number
    this.#scenario = scenario
    const [backoffMs, disconnectMs] = [backoff?.maxMs ?? 5000, Math.max(drainMs, 1000) + graceMs]
    this.model = new Model(scenario, { connectTimeoutMs, probeTimeoutMs, drainMs, disconnectMs, backoffMs })
    this.#network = new Network(this.model, this.#clock)
    this.#rr = new RoundRobin(scenario.sources, this.#network.connector, options)
    this.#rr.on('failover', () => this.#failoverEvents++)
  }

  async play(): Promise<void> {
    for (const { step, together } of this.#scenario.steps) {
      this.model.note(`--- ${JSON.stringify(step)}${together ? ' and' : ''}`)
      if (step.do === 'wait') await this.#clock.advance(step.ms, () => this.#check())
      else this.#take(step)
      if (!together) await settle()
      if (!together) this.#check()
    }
    await settle()
    this.#check()
    if (this.model.closedAt === undefined) await this.#heal()
    await this.#close()
  }

  #take(step: Exclude<Step, { do: 'wait' }>): void {
    const { model } = this
    if (step.do === 'run') for (const plan of step.runs) this.#run(plan)
    if (step.do === 'connect') this.#connect(step.deadlineMs)
    if (step.do === 'abort') this.#controllers[step.signal]?.abort(new Error(`abort of signal ${step.signal}`))
    if (step.do === 'failover') this.#failover()
    if (step.do === 'lose') {
      const link = model.links[step.link % Math.max(1, model.links.length)]
      if (link && link.state !== 'dialling' && link.state !== 'failed') this.#network.lose(link)
    }
    if (step.do === 'setSources' && model.closedAt === undefined) {
      model.setSources(step.sources)
      this.#rr.setSources(step.sources)
    }
    if (step.do === 'close') this.#closeNow(step.drainMs)
  }

  #run(plan: RunPlan): RunRecord {
    const signal = plan.signal === undefined ? undefined : this.#controllers[plan.signal]?.signal
    const run = this.#record(`run ${this.model.runs.length + 1}`, plan, signal)
    const options: RunOptions = { ...plan.limits, signal }
    const { current } = this.model
    const isDirect = run.deadlineMs === Number.POSITIVE_INFINITY && run.attemptTimeoutMs === run.deadlineMs && !signal
    const promise = this.#rr.run((service, context) => this.#network.call(run, service, context) as string, options)
    if (current && !current.blame && isDirect && run.operations.length === 0) {
      this.model.violated(`${run.name} is not called at once though ${current.provider} is up`)
    }
    this.#watch(run, promise, (value) => checkValue(this.model, run, value))
    return run
  }

  #connect(deadlineMs: number | undefined): void {
    const plan: RunPlan = { operations: [], limits: { deadlineMs }, signal: undefined }
    const run = this.#record(`connect ${this.model.runs.length + 1}`, plan, undefined)
    this.#watch(run, this.#rr.connect({ deadlineMs }), (source) => {
      if (!this.model.links.some((link) => link.provider === source && link.state !== 'failed')) {
        this.model.violated(`G1 ${run.name} resolved to ${source}`)
      }
    })
  }

  #record(name: string, { operations: plan, limits }: RunPlan, signal: AbortSignal | undefined): RunRecord {
    const { options } = this.#scenario
    const run: RunRecord = {
      ...{
        name,
        plan,
        signal,
        startedAt: now(),
        operations: [],
        settled: undefined,
        failedDials: 0,
        waitsSince: now(),
      },
      idempotent: limits.idempotent ?? options.idempotent ?? false,
      maxAttempts: limits.maxAttempts ?? options.maxAttempts,
      deadlineMs: limits.deadlineMs ?? options.deadlineMs ?? Number.POSITIVE_INFINITY,
      attemptTimeoutMs: limits.attemptTimeoutMs ?? options.attemptTimeoutMs ?? Number.POSITIVE_INFINITY,
    }
    this.model.runs.push(run)
    return run
  }

  #watch(run: RunRecord, promise: Promise<unknown>, checkResult: (value: unknown) => void): void {
    const settled = (how: Settled) => {
      this.model.note(`${run.name} settles: ${'value' in how ? how.value : how.error}`)
      if ('value' in how) checkResult(how.value)
      else checkError(this.model, run, how.error)
      run.settled = how
    }
    promise.then(
      (value) => settled({ at: now(), value }),
      (error) => settled({ at: now(), error }),
    )
  }

  #failover(): void {
    const { model } = this
    model.failovers++
    const before = model.current
    const over = (how: string) => {
      model.failoverEnded()
      model.note(`failover() settles: ${how}`)
    }
    const promise = this.#rr.failover('by hand').then(
      (source) => {
        over(source)
        model.promote()
        if (before && before === model.current) model.violated(`G2 failover() resolved, and nothing has moved`)
      },
      (error) => over(`${error}`),
    )
    this.#others.push(promise)
  }

  #closeNow(drainMs: number | undefined): void {
    this.model.close(drainMs ?? this.model.times.drainMs)
    const closed = this.#rr.close({ drainMs }).then(() => {
      this.#isClosed = true
    })
    this.#others.push(closed)
  }

  #check(): void {
    const { model } = this
    checkLinks(model, this.#rr)
    checkRuns(model)
    if (this.#failoverEvents !== model.moves) {
      model.violated(`G2 ${model.moves} failovers were due, and there were ${this.#failoverEvents}`)
    }
    this.#checkTimers()
    this.#throwIfViolated()
  }

  /** Once everything is closed and has settled, no timer of the engine is left. */
  #checkTimers(): void {
    const { runs, links, judging } = this.model
    const isBusy = judging.size > 0 || links.some(({ busyUntil }) => now() < busyUntil)
    if (!this.#isClosed || isBusy || runs.some(({ settled }) => !settled)) this.#quietSince = undefined
    else this.#quietSince ??= now()
    const { engineTimers } = this.#clock
    if (engineTimers > 0 && this.#quietSince !== undefined && now() > this.#quietSince + 2 * graceMs)
      this.model.violated(`G7 ${engineTimers} timers are left`)
  }

  #throwIfViolated(): void {
    const { violations, journal } = this.model
    if (violations.length > 0) throw new Error(`${violations.join('\n')}\n\n${journal.slice(-80).join('\n')}`)
  }

  /** Every provider is well again: a run succeeds within the backoff cap, plus a dial that was under way (G8). */
  async #heal(): Promise<void> {
    const { model } = this
    model.note('--- all providers are well again')
    this.#network.isHealed = true
    await this.#clock.advance(slowJudgeMs, () => this.#check()) // for the verdicts that are still out
    const mayHang = model.links.some(isDialling)
    const never = Number.POSITIVE_INFINITY
    const limits = { idempotent: true, maxAttempts: 2, deadlineMs: never, attemptTimeoutMs: never }
    const run = this.#run({ operations: [], limits, signal: undefined })
    const { backoffMs, connectTimeoutMs } = model.times
    const waitMs = backoffMs + (mayHang ? connectTimeoutMs : 0) + (this.#scenario.judge === 'slow' ? slowJudgeMs : 0)
    await this.#clock.advance(waitMs + 2 * graceMs, () => this.#check())
    if (!run.settled || 'error' in run.settled) model.violated('G8 a run failed though all providers are well again')
    this.#throwIfViolated()
  }

  async #close(): Promise<void> {
    const { model } = this
    model.note('--- close')
    this.#closeNow(undefined)
    await settle()
    const limitMs = model.times.drainMs + model.times.disconnectMs + graceMs
    // Whatever opens late, does so in this time, and then may take as long as any other to be disconnected.
    await this.#clock.advance(limitMs, () => this.#check())
    if (!this.#isClosed) model.violated('G5 close() has not settled')
    await this.#clock.advance(limitMs, () => this.#check())
    await Promise.race([Promise.all(this.#others), settle()]).then((all) => {
      if (!all) model.violated('G5 a promise of failover() or close() never settled')
    })
    for (const run of model.runs) checkOutcome(model, run)
    checkLeaks(model)
    if (this.#clock.engineTimers !== 0) model.violated(`G7 ${this.#clock.engineTimers} timers are left`)
    const listeners = this.#controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort'))
    if (listeners.length > 0) model.violated(`G7 ${listeners.length} listeners are left on the callers' signals`)
    this.#throwIfViolated()
  }
}
