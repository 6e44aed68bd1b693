import type { Outcome } from '@tourniquet/core'

/** One call, from when it was made. Times are those of `performance.now()`. */
export interface Call {
  readonly id: string
  readonly idempotent: boolean
  readonly startedAt: number
  /** The providers it was sent to, in order: more than one, where it failed over. */
  readonly sentTo: string[]
  /** When it was last sent to one. */
  sentAt: number
  state: 'pending' | 'succeeded' | 'failed'
  endedAt: number
  /** Of a call that failed: what its error says of it. */
  failure?: Failure
}

interface Failure {
  readonly code: string
  /** `'unsaid'` of an error that is not one of ours. */
  readonly outcome: Outcome | 'unsaid'
}

/** Ids for calls: each is given once, whoever asks. */
export function numbers(): () => string {
  let last = 0
  return () => String(++last)
}

/** All calls made through one side, and how they ended. */
export class Calls {
  readonly all: Call[] = []
  succeeded = 0
  failed = 0
  readonly #nextId: () => string
  readonly #listeners: ((call: Call) => void)[] = []

  constructor(nextId: () => string = numbers()) {
    this.#nextId = nextId
  }

  get pending(): number {
    return this.all.length - this.succeeded - this.failed
  }

  /** Tells `listener` of each call that ends. */
  onEnd(listener: (call: Call) => void): void {
    this.#listeners.push(listener)
  }

  begin(idempotent: boolean): Call {
    const [id, startedAt] = [this.#nextId(), performance.now()]
    const call: Call = { id, idempotent, startedAt, sentTo: [], sentAt: startedAt, state: 'pending', endedAt: 0 }
    this.all.push(call)
    return call
  }

  send(call: Call, provider: string): void {
    call.sentTo.push(provider)
    call.sentAt = performance.now()
  }

  succeed(call: Call): void {
    this.succeeded += 1
    this.#end(call, 'succeeded')
  }

  fail(call: Call, error: unknown): void {
    this.failed += 1
    call.failure = failureOf(error)
    this.#end(call, 'failed')
  }

  #end(call: Call, state: Call['state']): void {
    call.state = state
    call.endedAt = performance.now()
    for (const listener of this.#listeners) listener(call)
  }
}

function failureOf(error: unknown): Failure {
  const { code, name, outcome = 'unsaid' } = (error ?? {}) as { code?: unknown; name?: string; outcome?: Outcome }
  return { code: String(code ?? name ?? error), outcome }
}
