import { connectFailure, lostConnection } from './connection-error.ts'
import type { CheckOptions, CheckResult, CheckTarget } from './contract.ts'
import { Patience } from './patience.ts'
import { proxyHeader } from './proxy-header.ts'
import { type Found, isPass, type Plan, type Step } from './steps.ts'
import { Talk } from './talk.ts'

type Connect = Extract<Step, { kind: 'connect' }>
type Expect = Extract<Step, { kind: 'expect' }>

/** Takes the steps of a plan, one after the other, until one fails or all are done. */
export async function runPlan(plan: Plan, options: CheckOptions): Promise<CheckResult> {
  const began = performance.now()
  const walk = new Walk(plan, options)
  const found = await walk.run().catch(({ message }: Error): Found => ({ status: 'SOCKERR', text: message }))
  return { ...found, ms: Math.round(performance.now() - began) }
}

class Walk {
  readonly #plan: Plan
  readonly #options: CheckOptions
  readonly #patience: Patience
  #talk: Talk | undefined

  constructor(plan: Plan, options: CheckOptions) {
    this.#plan = plan
    this.#options = options
    this.#patience = new Patience(options.signal)
  }

  async run(): Promise<Found> {
    try {
      return await this.#walk()
    } finally {
      this.#patience.release()
      this.#talk?.close(this.#plan.politely === true)
    }
  }

  async #walk(): Promise<Found> {
    let found: Found = { status: 'UNK', text: '' }
    for (const step of this.#plan.steps) {
      found = await this.#take(step)
      if (!isPass(found)) return found
    }
    return this.#plan.onPassed ?? found
  }

  async #take(step: Step): Promise<Found> {
    if (step.kind === 'connect') return await this.#connect(step)
    if (step.kind === 'expect') return await this.#expect(step)
    this.#talk?.forget()
    this.#talk?.send(step.data)
    return { status: 'L7OK', code: 0, text: '' }
  }

  async #connect(step: Connect): Promise<Found> {
    const { connectTimeoutMs, answerTimeoutMs, check } = this.#options
    this.#talk?.close(this.#plan.politely === true)
    this.#patience.limit(connectTimeoutMs)
    const talk = new Talk(targetOf(this.#options.target, step.port), this.#patience)
    this.#talk = talk
    const failure = (await this.#untilConnected(talk, 'L4', step)) ?? (await this.#greet(talk, step))
    if (failure !== undefined) return failure
    talk.listen()
    if (answerTimeoutMs !== undefined) this.#patience.limit(answerTimeoutMs)
    return { status: step.tls || check.tls ? 'L6OK' : 'L4OK', text: '' }
  }

  /** What comes before the first word: who we are, and TLS. */
  async #greet(talk: Talk, step: Connect): Promise<Found | undefined> {
    const { tls, sni } = this.#options.check
    if (step.sendProxy !== undefined) talk.send(proxyHeader(step.sendProxy, talk.addresses))
    if (!step.tls && !tls) return undefined
    talk.secure(sni)
    return await this.#untilConnected(talk, 'L6', step)
  }

  async #untilConnected(talk: Talk, layer: 'L4' | 'L6', { where = '' }: Connect): Promise<Found | undefined> {
    while (!talk.isConnected) {
      if (talk.error !== undefined) return connectFailure(layer, talk.error, where)
      if (this.#patience.end !== undefined) return this.#gaveUp(layer, where)
      await this.#patience.change()
    }
    return undefined
  }

  async #expect({ judge, onEmpty, where = '' }: Expect): Promise<Found> {
    const talk = this.#talk as Talk
    for (;;) {
      const isLast = talk.isOver
      if (talk.bytes.length > 0) {
        const found = judge(talk.bytes, isLast)
        if (found !== undefined) return found
      }
      if (isLast) return talk.error === undefined ? onEmpty : lostConnection(talk.error, where)
      if (this.#patience.end !== undefined) return this.#gaveUp('L7', where)
      await this.#patience.change()
    }
  }

  #gaveUp(layer: 'L4' | 'L6' | 'L7', where: string): Found {
    if (this.#patience.end === 'aborted') return { status: 'UNK', text: 'aborted' }
    return { status: `${layer}TOUT`, text: where }
  }
}

function targetOf(target: CheckTarget, port: number | undefined): CheckTarget {
  return port === undefined || 'path' in target ? target : { host: target.host, port }
}
