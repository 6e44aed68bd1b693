import type { Calls } from './calls.ts'
import type { Audit } from './ledger.ts'
import type { Recovery } from './recovery.ts'

/** What a promise about time is multiplied by on a real machine, which may be busy: see guarantees.md. */
const NOISE = 3

export interface Evidence {
  readonly calls: Calls
  readonly recoveries: readonly Recovery[]
  readonly ledger: Audit
  readonly connectionsLeft: number
}

/** The promises that broke, one line each, each with what happened. */
export function brokenPromises({ calls, recoveries, ledger, connectionsLeft }: Evidence): readonly string[] {
  const pending = calls.all.filter(({ state }) => state === 'pending').map(({ id }) => id)
  return [
    ...ledger.broken,
    ...(pending.length > 0 ? [`G5 broken: ${pending.length} calls never settled: ids ${some(pending)}`] : []),
    ...(connectionsLeft > 0 ? [`G7 broken: ${connectionsLeft} connections are open after close()`] : []),
    ...recoveries.map(complaintAbout).filter((complaint) => complaint !== undefined),
  ]
}

function complaintAbout({ what, ms, limit }: Recovery): string | undefined {
  if (ms === undefined) return `${limit?.promise ?? 'G8'} broken: no call succeeded again after: ${what}`
  if (!limit || ms <= limit.ms * NOISE) return undefined
  return `${limit.promise} broken: ${what}: calls succeeded again after ${ms} ms; promised: ${limit.what} ${limit.ms} ms`
}

function some(ids: readonly string[]): string {
  return ids.length > 10 ? `${ids.slice(0, 10).join(', ')} …` : ids.join(', ')
}
