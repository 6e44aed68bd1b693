// What the fakes saw: the facts that the rules are checked against. Nothing here comes from the engine's own state.

import type { ConnectContext, RunContext, Verdict } from '../index.ts'
import { now } from './clock.ts'
import type { OperationPlan } from './plan.ts'

/** The handle that a fake connector returns. */
export interface Service {
  readonly link: LinkRecord
}

/** Why a service may be left. */
export type Reason = 'error' | 'timeout' | 'lost' | 'probe' | 'manual' | 'removed' | 'close'

/** One call of `connect`, and the service it opened. */
export interface LinkRecord {
  readonly number: number
  readonly provider: string
  readonly context: ConnectContext
  readonly dialledAt: number
  /**
   * `opening`: the connect has resolved, the engine may not have seen it. `late`: it resolved when it was no longer
   * wanted. `left`: nothing may be started on it.
   */
  state: 'dialling' | 'opening' | 'up' | 'left' | 'late' | 'failed'
  /** Whether the verdict on its failed dial is out. */
  hasFailed: boolean
  /** Why the engine may leave it; where it is `certain`, it must. */
  blame: { readonly reason: Reason; readonly at: number; readonly certain: boolean } | undefined
  leftAt: number
  /** What is in flight on it when it is left may go on until then. */
  drainsUntil: number
  /** Since then nothing has been in flight. */
  idleAt: number
  /** `lost` or a failed probe: of use to nobody, so that nothing may finish. */
  isDead: boolean
  disconnects: number
  /** How long its disconnect may take. */
  busyUntil: number
  probing: number
  probedAt: number
  /** Whose promise has not settled. */
  readonly pending: Set<OperationRecord>
}

/** One call of the function given to `run`. */
export interface OperationRecord {
  readonly run: RunRecord
  readonly link: LinkRecord
  readonly plan: OperationPlan
  readonly context: RunContext<string>
  readonly startedAt: number
  isApplied: boolean
  /** Settles never, not even when its service is disconnected. */
  isFrozen: boolean
  /** What the connector says of its error. */
  saysVerdict: Verdict | undefined
  /** How it ended: `aborted` says no more than that it was given up. */
  ended: 'ok' | Verdict | 'aborted' | undefined
  /** Whether the connector's verdict is out. */
  isJudged: boolean
  endedAt: number
  /** Whether its attempt was given up before it ended: then what it ended with may count for nothing. */
  isGivenUp: boolean
  error: unknown
}

export type Settled =
  | { readonly at: number; readonly value: unknown }
  | { readonly at: number; readonly error: unknown }

/** One `run` or `connect`. */
export interface RunRecord {
  readonly name: string
  readonly plan: readonly OperationPlan[]
  readonly idempotent: boolean
  /** Undefined: the number of sources + 1. */
  readonly maxAttempts: number | undefined
  readonly deadlineMs: number
  readonly attemptTimeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly startedAt: number
  readonly operations: OperationRecord[]
  settled: Settled | undefined
  /** How many dials failed while it was certainly waiting for one. */
  failedDials: number
  /** Since when it has been waiting for a service. */
  waitsSince: number
}

/** An error of a fake provider, made for one dial or one operation. */
export class FakeError extends Error {
  readonly code: string | undefined
  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

/** What may have been applied: everything that did not certainly end otherwise. */
export function mayBeApplied({ ended }: OperationRecord): boolean {
  return ended !== 'next' && ended !== 'caller'
}

/** Also one whose attempt was given up before it ended. */
export function isInDoubt(operation: OperationRecord): boolean {
  return mayBeApplied(operation) || operation.isGivenUp
}

export function isDialling({ state, isDead, context }: LinkRecord): boolean {
  return state === 'dialling' && !isDead && !context.signal.aborted
}

export function name(link: LinkRecord): string {
  return `${link.provider}#${link.number}`
}

/** A run that waits for a dial counts its failure as its own attempt; here, those that certainly do. */
export function countFailedDial(runs: readonly RunRecord[]): void {
  for (const run of runs) {
    const last = run.operations.at(-1)
    const isCertain = !last || (last.isJudged && !last.isGivenUp && last.ended !== 'suspect')
    if (!run.settled && isCertain && run.waitsSince < now()) run.failedDials++
  }
}
