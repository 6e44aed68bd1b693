import {
  ClosedError,
  type ConnectContext,
  type Connector,
  type Phase,
  type RunContext,
  type Verdict,
} from '../index.ts'
import { type Clock, graceMs, now } from './clock.ts'
import { aborted, dialFailed, dialled, lost } from './dial-rules.ts'
import { checkCall, checkDisconnect } from './link-rules.ts'
import type { Model } from './model.ts'
import { OperationEnd } from './operation.ts'
import { type DialPlan, type DisconnectPlan, everyProvider, type ProbePlan, slowJudgeMs } from './plan.ts'
import { probe } from './probe.ts'
import {
  FakeError,
  type LinkRecord,
  name,
  newLink,
  type OperationRecord,
  type RunRecord,
  type Service,
} from './records.ts'

/** Random providers behind one connector. They do what the scenario says, and tell the model what they saw. */
export class Network {
  readonly connector: Connector<string, Service>
  /** From now on everything succeeds. */
  isHealed = false
  readonly #model: Model
  readonly #clock: Clock
  readonly #ends: OperationEnd
  /** How often each provider was dialled, probed, disconnected. */
  readonly #counts = new Map<string, number>()

  constructor(model: Model, clock: Clock) {
    this.#model = model
    this.#clock = clock
    this.#ends = new OperationEnd(model)
    const { judge, canProbe } = model.scenario
    this.connector = {
      connect: (source, context) => this.#connect(source, context),
      disconnect: (service) => this.#disconnect(service),
      ...(judge !== 'none' && { judge: (error, phase) => this.#judge(error, phase) }),
      ...(canProbe && { probe: ({ link }, { signal }) => this.#probe(link, signal) }),
    }
  }

  /** What `run` calls. */
  call(run: RunRecord, service: Service, context: RunContext<string>): unknown {
    const plan = (!this.isHealed && run.operations.length < 9 && run.plan[run.operations.length]) || succeed
    const operation: OperationRecord = {
      ...{ run, link: service.link, plan, context, startedAt: now(), isApplied: false, isFrozen: false },
      ...{ saysVerdict: undefined, ended: undefined, isJudged: false, endedAt: 0, isGivenUp: false, error: undefined },
    }
    this.#model.note(
      () => `${run.name} attempt ${context.attempt} on ${name(service.link)}: ${plan.kind} ${plan.afterMs} ms`,
    )
    checkCall(this.#model, operation)
    run.operations.push(operation)
    return this.#ends.start(operation, this.#clock, () => this.lose(service.link))
  }

  /** The service dies on its own; what is in flight on it fails. */
  lose(link: LinkRecord): void {
    if (link.disconnects > 0) {
      link.context.lost(new FakeError(`late loss of ${name(link)}`))
      return
    }
    this.#model.note(`${name(link)} is lost`)
    const error = new FakeError(`${name(link)} was lost`)
    lost(this.#model, link, error)
    // Some drivers fail what is in flight before they say that the connection is lost, some after.
    if (link.number % 2 === 0) this.#ends.endAll(link, 'unsure')
    link.context.lost(error)
    this.#ends.endAll(link)
  }

  #next<Plan>(kind: 'dials' | 'probes' | 'disconnects', provider: string, usual: Plan): Plan {
    const key = `${kind} ${provider}`
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    const plans = (this.#model.scenario.providers[everyProvider.indexOf(provider)]?.[kind] ?? []) as readonly Plan[]
    return this.isHealed ? usual : (plans[count % plans.length] ?? usual)
  }

  #connect(provider: string, context: ConnectContext): Service | Promise<Service> {
    const model = this.#model
    const link = newLink(model.links.length + 1, provider, context)
    const plan = this.#next<DialPlan>('dials', provider, open)
    model.note(() => `dial ${name(link)}: ${plan.kind} ${plan.afterMs} ms`)
    dialled(model, link)
    context.signal.addEventListener('abort', () => aborted(model, link))
    if (plan.kind === 'throw') throw this.#refuse(link, 'next')
    if (plan.afterMs === 0 && plan.kind === 'open') return this.#open(link, plan)
    return new Promise((resolve, reject) => this.#answer(link, plan, resolve, reject))
  }

  #answer(link: LinkRecord, plan: DialPlan, resolve: (service: Service) => void, reject: (error: unknown) => void) {
    const { signal } = link.context
    const heeds = plan.kind !== 'deaf' && plan.kind !== 'lost'
    if (heeds) signal.addEventListener('abort', () => reject(signal.reason))
    if (plan.kind === 'hang') return
    this.#clock.later(plan.afterMs, () => {
      if (signal.aborted && heeds) return
      if (plan.kind === 'refuse' || plan.kind === 'caller') {
        reject(this.#refuse(link, plan.kind === 'caller' && !this.isHealed ? 'caller' : 'next'))
        return
      }
      if (plan.kind === 'lost' && !signal.aborted) {
        const error = new FakeError(`${name(link)} was lost before it opened`)
        lost(this.#model, link, error)
        link.context.lost(error)
      }
      resolve(this.#open(link, plan))
    })
  }

  #open(link: LinkRecord, plan: DialPlan): Service {
    this.#model.note(`${name(link)} opens`)
    link.state = link.state === 'dialling' && !link.isDead && !link.context.signal.aborted ? 'opening' : 'late'
    link.upAt = now()
    if (plan.livesMs !== Number.POSITIVE_INFINITY) {
      this.#clock.later(plan.livesMs, () => {
        if (!this.isHealed) this.lose(link)
      })
    }
    return { link }
  }

  #refuse(link: LinkRecord, verdict: 'next' | 'caller'): FakeError {
    const error = new FakeError(`${name(link)} refused`, verdict === 'caller' ? 'EMFILE' : 'ECONNREFUSED')
    Object.assign(link, { state: 'failed', rejectedAt: now() })
    this.#model.dialErrors.set(error, link)
    if (this.#model.scenario.judge === 'none') dialFailed(this.#model, link, verdict, error)
    return error
  }

  #judge(error: unknown, phase: Phase): Verdict | undefined | Promise<Verdict | undefined> {
    const model = this.#model
    const link = model.dialErrors.get(error)
    const operation = this.#ends.byError.get(error)
    if (phase === 'connect' && error instanceof ClosedError)
      model.violated(`a dial that was given up is judged: ${error}`)
    if (!link && !operation) return undefined
    if (phase !== (link ? 'connect' : 'run')) model.violated(`an error is judged in the wrong phase: ${phase}`)
    const verdict = link ? ((error as FakeError).code === 'EMFILE' ? 'caller' : 'next') : operation?.saysVerdict
    const conclude = () => {
      model.judging.delete(error as FakeError)
      if (link) dialFailed(model, link, verdict as Verdict, error)
      else if (operation) model.judged(operation)
      if (operation?.plan.kind === 'unjudged') throw new Error('this judge does not know')
      return verdict
    }
    if (model.scenario.judge === 'sync') return conclude()
    model.judging.add(error as FakeError)
    const waited = new Promise<void>((resolve) => {
      if (model.scenario.judge === 'slow') this.#clock.later(slowJudgeMs, resolve)
      else resolve()
    })
    return waited.then(conclude)
  }

  #probe(link: LinkRecord, signal: AbortSignal): Promise<void> {
    const plan = this.#next<ProbePlan>('probes', link.provider, { kind: 'pass', afterMs: 0 })
    return probe(link, plan, signal, this.#model, this.#clock)
  }

  #disconnect({ link }: Service): Promise<void> | undefined {
    const plan = this.#next<DisconnectPlan>('disconnects', link.provider, 'at once')
    this.#model.note(`disconnect ${name(link)}: ${plan}`)
    checkDisconnect(this.#model, link)
    link.disconnects++
    link.busyUntil = now() + (plan === 'later' ? graceMs : plan === 'hang' ? this.#model.times.disconnectMs : 0)
    for (const { settled, operations } of this.#model.runs) {
      // It failed in this very turn: nobody can tell whether that was before.
      const last = operations.at(-1)
      if (!settled && last?.link === link && last.ended !== 'ok') last.isGivenUp = true
    }
    const settleAll = () => this.#ends.endAll(link)
    if (plan === 'later') {
      return new Promise((resolve) => this.#clock.later(graceMs, () => resolve(settleAll())))
    }
    settleAll()
    if (plan === 'throw') throw new FakeError(`${name(link)} cannot disconnect`)
    return plan === 'hang' ? new Promise(() => {}) : undefined
  }
}

const open: DialPlan = { kind: 'open', afterMs: 0, livesMs: Number.POSITIVE_INFINITY }
const succeed = { kind: 'ok', afterMs: 0, isApplied: true } as const
