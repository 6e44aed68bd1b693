import type { Calls } from './calls.ts'
import type { Audit } from './ledger.ts'
import type { Moves } from './moves.ts'
import type { Recovery } from './recovery.ts'
import type { Side } from './scenario.ts'

/** What a promise about time is multiplied by on a real machine, which may be busy: see guarantees.md. */
const NOISE = 3
/** For how long such a machine may stand still besides, as in the conformance suite. */
const STALL_MS = 3_000

/** What there is to judge one side by. */
export interface Evidence {
  readonly side: Pick<Side, 'standby'>
  readonly calls: Calls
  readonly moves: Pick<Moves, 'reasons' | 'connects'>
  readonly recoveries: readonly Recovery[]
  readonly ledger: Audit
}

/** The promises that broke, one line each, each with what happened. */
export function brokenPromises({ side, calls, moves, recoveries, ledger }: Evidence): readonly string[] {
  const pending = calls.all.filter(({ state }) => state === 'pending').map(({ id }) => id)
  const complaints = [aboutConnects(moves, side), ...recoveries.map(aboutTime)]
  return [
    ...ledger.broken,
    ...(pending.length > 0 ? [`G5 broken: ${pending.length} calls never settled: ids ${some(pending)}`] : []),
    ...complaints.filter((complaint) => complaint !== undefined),
  ]
}

/**
 * How many connections were made beyond the first and one for each failover, which may have been a spare before. With
 * standby that is the last spare, and each that was lost before it was needed; without it there is none.
 */
export function sparesNotTaken({ connects, reasons }: Pick<Moves, 'reasons' | 'connects'>): number {
  return connects === 0 ? 0 : connects - 1 - reasons.length
}

function aboutConnects(moves: Evidence['moves'], { standby }: Evidence['side']): string | undefined {
  const extra = sparesNotTaken(moves)
  if (extra === 0 || (standby && extra > 0)) return undefined
  return `G2 broken: ${moves.connects} connections were made, for the first and ${moves.reasons.length} failovers`
}

function aboutTime({ what, ms, limit }: Recovery): string | undefined {
  if (ms === undefined) return `${limit?.promise ?? 'G8'} broken: no call succeeded again after: ${what}`
  if (!limit || ms <= limit.ms * NOISE + STALL_MS) return undefined
  return `${limit.promise} broken: ${what}: calls succeeded again after ${ms} ms; promised: ${limit.what} ${limit.ms} ms`
}

function some(ids: readonly string[]): string {
  return ids.length > 10 ? `${ids.slice(0, 10).join(', ')} …` : ids.join(', ')
}
