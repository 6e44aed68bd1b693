// What a scenario is made of: plain data, so that fast-check can print it and shrink it.

import type { Options, RunOptions, Verdict } from '../index.ts'

/** What one dial of a provider does. */
export interface DialPlan {
  /**
   * `hang` waits for its signal, `deaf` does not heed it and opens late, `lost` says `lost` and opens nevertheless.
   * `throw` throws at once, without a promise.
   */
  readonly kind: 'open' | 'refuse' | 'caller' | 'throw' | 'hang' | 'deaf' | 'lost'
  readonly afterMs: number
  /** How long the opened service lives. */
  readonly livesMs: number
}

/** What one call of the function given to `run` meets. */
export interface OperationPlan {
  /**
   * A verdict: it rejects so. `hang` settles when its service is disconnected, `heed` also when its signal aborts,
   * `frozen` never; `die` takes the whole service with it; `unjudged` is an error that `judge` throws on.
   */
  readonly kind: 'ok' | Verdict | 'hang' | 'heed' | 'frozen' | 'die' | 'unjudged' | 'throw'
  readonly afterMs: number
  /** Where the provider cannot be sure: whether it did apply the operation. */
  readonly isApplied: boolean
}

export interface ProbePlan {
  readonly kind: 'pass' | 'fail' | 'hang'
  readonly afterMs: number
}

export type DisconnectPlan = 'at once' | 'later' | 'throw' | 'hang'

/** What a provider does, in turn; after the last it begins again. */
export interface ProviderPlan {
  readonly dials: readonly DialPlan[]
  readonly probes: readonly ProbePlan[]
  readonly disconnects: readonly DisconnectPlan[]
}

/** What a run does at each of its attempts; after the last it succeeds. */
export interface RunPlan {
  readonly operations: readonly OperationPlan[]
  readonly limits: Pick<RunOptions, 'idempotent' | 'maxAttempts' | 'deadlineMs' | 'attemptTimeoutMs'>
  /** Which of the scenario's signals it listens to. */
  readonly signal: number | undefined
}

export type Step =
  | { readonly do: 'run'; readonly runs: readonly RunPlan[] }
  | { readonly do: 'connect'; readonly deadlineMs: number | undefined }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'abort'; readonly signal: number }
  | { readonly do: 'lose'; readonly link: number }
  | { readonly do: 'failover' }
  | { readonly do: 'setSources'; readonly sources: readonly string[] }
  | { readonly do: 'close'; readonly drainMs: number | undefined }

export interface Scenario {
  readonly sources: readonly string[]
  readonly options: Options
  readonly providers: readonly ProviderPlan[]
  /** How the connector judges: not at all (errors carry Node's codes), at once, or with a promise. */
  readonly judge: 'none' | 'sync' | 'promise' | 'slow'
  readonly canProbe: boolean
  /** What `Math.random` gives, in turn. */
  readonly random: readonly number[]
  /** `together`: the next step follows in the same turn of the event loop. */
  readonly steps: readonly { readonly step: Step; readonly together: boolean }[]
}

/** The providers that a scenario may list. */
export const everyProvider: readonly string[] = ['A', 'B', 'C', 'D']
/** How many signals there are to share. */
export const signalCount = 3
export const slowJudgeMs = 5

/** The limits of a scenario, or the documented defaults. */
export interface Times {
  readonly connectTimeoutMs: number
  readonly probeTimeoutMs: number
  readonly drainMs: number
  /** One `disconnect`. */
  readonly disconnectMs: number
  /** The cap. */
  readonly backoffMs: number
  readonly hedgeMs: number
  readonly failback: { readonly afterMs: number; readonly intervalMs: number } | undefined
}

export function timesOf(options: Options): Times {
  const { connectTimeoutMs = 5000, probeTimeoutMs = 1000, drainMs = 5000, backoff } = options
  const { hedgeMs = Number.POSITIVE_INFINITY, failback: back } = options
  const disconnectMs = Math.max(drainMs, 1000)
  const failback = back && { afterMs: back.afterMs ?? 30_000, intervalMs: back.intervalMs ?? 5000 }
  const backoffMs = backoff?.maxMs ?? 5000
  return { connectTimeoutMs, probeTimeoutMs, drainMs, disconnectMs, backoffMs, hedgeMs, failback }
}

/** Whether a scenario may have a second link without an operator's doing. */
export function hasSpare({ hedgeMs = Number.POSITIVE_INFINITY, standby, failback }: Options): boolean {
  return hedgeMs < Number.POSITIVE_INFINITY || standby === true || failback !== undefined
}
