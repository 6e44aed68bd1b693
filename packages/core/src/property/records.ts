// What the fakes saw: the facts that the rules are checked against. Nothing here comes from the engine's own state.

import type { ConnectContext, RunContext, Verdict } from '../index.ts'
import { now } from './clock.ts'
import type { OperationPlan } from './plan.ts'

/** The handle that a fake connector returns. */
export interface Service {
  readonly link: LinkRecord
}

/** Why a service may be left. */
export type Reason = 'error' | 'timeout' | 'lost' | 'probe' | 'manual' | 'failback' | 'removed' | 'close'

/** One call of `connect`, and the service it opened. */
export interface LinkRecord {
  readonly number: number
  readonly provider: string
  readonly context: ConnectContext
  readonly dialledAt: number
  /**
   * `opening`: the connect has resolved, the engine may not have seen it. `up`: it is the current one; `spare`: it is
   * the other. `late`: it resolved when it was no longer wanted. `left`: nothing may be started on it.
   */
  state: 'dialling' | 'opening' | 'up' | 'spare' | 'left' | 'late' | 'failed'
  /**
   * What its dial is for: to become the current one, where runs wait for it; or beside such a dial, or beside a current
   * service. One that is not `engine` may be on its way to become it.
   */
  role: 'engine' | 'hedge' | 'beside'
  /** Since when its dial is `engine`, for certain. */
  engineSince: number
  /** Who has been dialled beside its dial. */
  hedged: string[]
  upAt: number
  /** Whether it has been the current one, or the spare. */
  isUsed: boolean
  /** When the first run on it succeeded. */
  provedAt: number | undefined
  /** Whether the verdict on its failed dial is out. */
  hasFailed: boolean
  failedAt: number
  /** When its connect rejected, or its service was lost before it was up. */
  rejectedAt: number
  /** Whether nobody waits for its dial any more, though it may still be judged. */
  isGivenUp: boolean
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

/** A dial that has just begun. */
export function newLink(number: number, provider: string, context: ConnectContext): LinkRecord {
  return {
    ...{ number, provider, context, dialledAt: now(), state: 'dialling', role: 'engine', engineSince: now() },
    ...{ hedged: [], hasFailed: false, failedAt: -1, rejectedAt: -1, isGivenUp: false, upAt: 0, isUsed: false },
    ...{ provedAt: undefined, blame: undefined, isDead: false, leftAt: 0, drainsUntil: 0, idleAt: now() },
    ...{ disconnects: 0, busyUntil: 0, probing: 0, probedAt: 0, pending: new Set() },
  }
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
  /** A dial that it waited for failed with this, which is the caller's own fault. */
  refusedBy: unknown
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

/** Also one whose failure has not been judged yet. */
export function isUnderWay(link: LinkRecord): boolean {
  const { state, isDead, hasFailed, isGivenUp, context } = link
  const isLost = isDead && (state === 'dialling' || state === 'late')
  return isDialling(link) || (!hasFailed && !isGivenUp && (isLost || (state === 'failed' && !context.signal.aborted)))
}

export function name(link: LinkRecord): string {
  return `${link.provider}#${link.number}`
}

/** Those that certainly wait for a dial, and did before this turn. */
export function whoWaits(runs: readonly RunRecord[]): RunRecord[] {
  return runs.filter(({ operations, settled, waitsSince }) => {
    const last = operations.at(-1)
    const isCertain = !last || (last.isJudged && !last.isGivenUp && last.ended !== 'suspect')
    return !settled && isCertain && waitsSince < now()
  })
}
