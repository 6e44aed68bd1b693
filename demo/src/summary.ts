import type { Calls } from './calls.ts'
import type { Leftovers } from './clear-up.ts'
import { audit } from './ledger.ts'
import type { Moves } from './moves.ts'
import { brokenPromises } from './promises.ts'
import type { Recoveries, Recovery } from './recovery.ts'
import type { Scenario } from './scenario.ts'
import { percentile, tally } from './statistics.ts'

/** What `--json` prints, and the table shows. Times are in milliseconds. */
export interface Summary {
  readonly scenario: string
  readonly seconds: number
  /** The viewer ended it early. */
  readonly interrupted: boolean
  readonly calls: {
    readonly made: number
    readonly succeeded: number
    readonly failed: number
    readonly pending: number
  }
  /** Failed calls by what their error says: `not-applied` or `unknown`, and its code. */
  readonly failures: readonly { readonly outcome: string; readonly code: string; readonly calls: number }[]
  /** Calls that are not idempotent and were executed more than once: must be 0. */
  readonly executedTwice: number
  /** Idempotent calls that were sent and executed again, as they may be. */
  readonly idempotentRepeated: number
  /** By provider. */
  readonly executed: Readonly<Record<string, number>>
  readonly connects: number
  readonly failovers: number
  readonly failoverReasons: Readonly<Record<string, number>>
  readonly latency: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number }
  /** From each fault of the current provider to the first call that another one acknowledged. */
  readonly recovery: { readonly p50Ms: number; readonly maxMs: number; readonly faults: readonly Recovery[] }
  /** From when a first provider was back, after all were down, to the first call acknowledged. */
  readonly blackouts: readonly Recovery[]
  /** The promises that broke. */
  readonly broken: readonly string[]
}

export interface Findings extends Leftovers {
  readonly scenario: Pick<Scenario, 'name'>
  readonly signal: AbortSignal
  readonly playedMs: number
  readonly calls: Calls
  readonly moves: Pick<Moves, 'reasons' | 'connects'>
  readonly recoveries: Pick<Recoveries, 'faults' | 'blackouts'>
}

export function summarize(findings: Findings): Summary {
  const { scenario, signal, playedMs, calls, moves, recoveries, executed, connectionsLeft } = findings
  const { faults, blackouts } = recoveries
  const ledger = audit(calls.all, executed)
  const recoveryMs = faults.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY)
  const latencies = calls.all.filter(({ state }) => state === 'succeeded').map((call) => call.endedAt - call.startedAt)
  const ms = (share: number) => Math.round(percentile(latencies, share))
  return {
    scenario: scenario.name,
    seconds: Math.round(playedMs / 100) / 10,
    interrupted: signal.aborted,
    calls: { made: calls.all.length, succeeded: calls.succeeded, failed: calls.failed, pending: calls.pending },
    failures: failuresOf(calls),
    executedTwice: ledger.executedTwice,
    idempotentRepeated: ledger.repeated,
    executed: Object.fromEntries([...executed].map(([provider, ids]) => [provider, ids.length])),
    connects: moves.connects,
    failovers: moves.reasons.length,
    failoverReasons: tally(moves.reasons),
    latency: { p50Ms: ms(0.5), p99Ms: ms(0.99), maxMs: ms(1) },
    recovery: { p50Ms: percentile(recoveryMs, 0.5), maxMs: percentile(recoveryMs, 1), faults },
    blackouts,
    broken: brokenPromises({ calls, recoveries: [...faults, ...blackouts], ledger, connectionsLeft }),
  }
}

/** 1 if a promise broke, whatever else. */
export function exitCodeOf({ broken, interrupted }: Summary): number {
  if (broken.length > 0) return 1
  return interrupted ? 130 : 0
}

function failuresOf(calls: Calls): Summary['failures'] {
  const failures = calls.all.map(({ failure }) => failure).filter((failure) => failure !== undefined)
  const counts = tally(failures.map(({ outcome, code }) => `${outcome} ${code}`))
  return Object.entries(counts).map(([key, times]) => {
    const [outcome = '', code = ''] = key.split(' ')
    return { outcome, code, calls: times }
  })
}
