import { RoundRobin, type RunOptions } from '../index.ts'
import * as changes from './changes.ts'
import { type Clock, now } from './clock.ts'
import { Model } from './model.ts'
import { Network } from './network.ts'
import { observe } from './observe.ts'
import { type RunPlan, type Scenario, type Step, signalCount } from './plan.ts'
import type { RunRecord, Service, Settled } from './records.ts'
import { checkError, checkValue } from './run-rules.ts'

/** The engine with its fake providers, and what callers and operators do to it. */
export class Stage {
  readonly model: Model
  readonly network: Network
  readonly rr: RoundRobin<string, Service>
  readonly controllers: AbortController[] = Array.from({ length: signalCount }, () => new AbortController())
  /** Of `failover()` and `close()`. */
  readonly promises: Promise<unknown>[] = []
  /** Whether `close()` has settled. */
  isClosed = false

  constructor(scenario: Scenario, clock: Clock) {
    this.model = new Model(scenario)
    this.network = new Network(this.model, clock)
    this.rr = new RoundRobin(scenario.sources, this.network.connector, scenario.options)
    this.#watchEvents()
  }

  #watchEvents(): void {
    const { model, rr } = this
    model.look = () => ({
      current: rr.current,
      spare: rr.providers.find(({ state }) => state === 'spare')?.provider,
    })
    model.observe = () => observe(model)
    rr.on('connect', (event) => model.events.connected(event))
    rr.on('fail', (event) => model.events.failed(event))
    rr.on('failover', (event) => {
      model.promote()
      const wrong = model.events.movedTo(model.current, event)
      if (wrong) model.violated(`the failover event is wrong: ${wrong}`)
    })
  }

  take(step: Exclude<Step, { do: 'wait' }>): void {
    const { model } = this
    if (step.do === 'run') for (const plan of step.runs) this.run(plan)
    if (step.do === 'connect') this.#connect(step.deadlineMs)
    if (step.do === 'abort') this.controllers[step.signal]?.abort(new Error(`abort of signal ${step.signal}`))
    if (step.do === 'failover') this.#failover()
    if (step.do === 'lose') {
      const link = model.links[step.link % Math.max(1, model.links.length)]
      if (link && link.state !== 'dialling' && link.state !== 'failed') this.network.lose(link)
    }
    if (step.do === 'setSources' && model.closedAt === undefined) {
      changes.setSources(model, step.sources)
      this.rr.setSources(step.sources)
    }
    if (step.do === 'close') this.close(step.drainMs)
  }

  run(plan: RunPlan): RunRecord {
    const signal = plan.signal === undefined ? undefined : this.controllers[plan.signal]?.signal
    const run = this.#record(`run ${this.model.runs.length + 1}`, plan, signal)
    const options: RunOptions = { ...plan.limits, signal }
    const { current } = this.model
    const isDirect = run.deadlineMs === Number.POSITIVE_INFINITY && run.attemptTimeoutMs === run.deadlineMs && !signal
    const promise = this.rr.run((service, context) => this.network.call(run, service, context) as string, options)
    if (current && !current.blame && isDirect && run.operations.length === 0) {
      this.model.violated(`${run.name} is not called at once though ${current.provider} is up`)
    }
    this.#watch(run, promise, (value) => checkValue(this.model, run, value))
    return run
  }

  #connect(deadlineMs: number | undefined): void {
    const plan: RunPlan = { operations: [], limits: { deadlineMs }, signal: undefined }
    const run = this.#record(`connect ${this.model.runs.length + 1}`, plan, undefined)
    this.#watch(run, this.rr.connect({ deadlineMs }), (source) => {
      if (!this.model.links.some((link) => link.provider === source && link.state !== 'failed')) {
        this.model.violated(`G1 ${run.name} resolved to ${source}`)
      }
    })
  }

  #record(name: string, { operations: plan, limits }: RunPlan, signal: AbortSignal | undefined): RunRecord {
    const { options } = this.model.scenario
    const run: RunRecord = {
      ...{ name, plan, signal, startedAt: now(), waitsSince: now() },
      ...{ operations: [], settled: undefined, failedDials: 0, refusedBy: undefined },
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
      this.model.note(() => `${run.name} settles: ${'value' in how ? how.value : how.error}`)
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
    const isShared = model.failover.pending > 0
    changes.failover(model)
    const before = this.rr.current === undefined ? undefined : model.current // it may be about to be
    const over = (how: string) => {
      model.failover.ended()
      model.note(`failover() settles: ${how}`)
    }
    const promise = this.rr.failover('by hand').then(
      (source) => {
        over(source)
        model.promote()
        if (before && before === model.current && !isShared)
          model.violated(`G2 failover() resolved, and nothing has moved`)
      },
      (error) => over(`${error}`),
    )
    this.promises.push(promise)
  }

  close(drainMs: number | undefined): void {
    changes.close(this.model, drainMs)
    const closed = this.rr.close({ drainMs }).then(() => {
      this.isClosed = true
    })
    this.promises.push(closed)
  }
}
