import type { Account } from './account.ts'
import type { Calls } from './calls.ts'
import { audit, type Ledgers } from './ledger.ts'
import { brokenPromises, sparesNotTaken } from './promises.ts'
import type { Recovery } from './recovery.ts'
import { percentile, tally } from './statistics.ts'

/** How one side did. Times are in milliseconds. */
export interface SideSummary {
  readonly name?: string
  readonly standby: boolean
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
  /** The first, one for each failover, and the spares that were not taken. */
  readonly connects: number
  readonly sparesNotTaken: number
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

/** What is taken of an account. */
export type Kept = Pick<Account, 'calls'> & {
  readonly side: Pick<Account['side'], 'name' | 'standby'>
  readonly moves: Pick<Account['moves'], 'reasons' | 'connects'>
  readonly recoveries: Pick<Account['recoveries'], 'faults' | 'rehearsals' | 'blackouts'>
}

/** @param executed - what the providers executed for this side */
export function summarizeSide({ side, calls, moves, recoveries, executed }: Kept & { executed: Ledgers }): SideSummary {
  const { faults, rehearsals, blackouts } = recoveries
  const ledger = audit(calls.all, executed)
  const recoveryMs = faults.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY)
  const latencies = calls.all.filter(({ state }) => state === 'succeeded').map((call) => call.endedAt - call.startedAt)
  const ms = (share: number) => Math.round(percentile(latencies, share))
  return {
    ...(side.name !== undefined && { name: side.name }),
    standby: side.standby,
    calls: { made: calls.all.length, succeeded: calls.succeeded, failed: calls.failed, pending: calls.pending },
    failures: failuresOf(calls),
    executedTwice: ledger.executedTwice,
    idempotentRepeated: ledger.repeated,
    executed: Object.fromEntries([...executed].map(([provider, ids]) => [provider, ids.length])),
    connects: moves.connects,
    sparesNotTaken: sparesNotTaken(moves),
    failovers: moves.reasons.length,
    failoverReasons: tally(moves.reasons),
    latency: { p50Ms: ms(0.5), p99Ms: ms(0.99), maxMs: ms(1) },
    recovery: { p50Ms: percentile(recoveryMs, 0.5), maxMs: percentile(recoveryMs, 1), faults },
    blackouts,
    broken: brokenPromises({ side, calls, moves, recoveries: [...rehearsals, ...faults, ...blackouts], ledger }),
  }
}

function failuresOf(calls: Calls): SideSummary['failures'] {
  const failures = calls.all.map(({ failure }) => failure).filter((failure) => failure !== undefined)
  const counts = tally(failures.map(({ outcome, code }) => `${outcome} ${code}`))
  return Object.entries(counts).map(([key, times]) => {
    const [outcome = '', code = ''] = key.split(' ')
    return { outcome, code, calls: times }
  })
}
