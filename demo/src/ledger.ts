import type { Call } from './calls.ts'

/** By provider, the ids that it executed, in any order, each as often as it did. */
export type Ledgers = ReadonlyMap<string, readonly string[]>

/** What the providers executed, held against what the callers were told. */
export interface Audit {
  /** Calls that are not idempotent, and were executed more than once. Must be 0. */
  readonly executedTwice: number
  /** Idempotent calls that were executed more than once, as they may be. */
  readonly repeated: number
  /** What is not as it must be, one line each. */
  readonly broken: readonly string[]
}

/** What is in the ledgers, but for what others called: a side answers for all else, also for what nobody called. */
export function without(executed: Ledgers, others: readonly Call[]): Ledgers {
  const theirs = new Set(others.map(({ id }) => id))
  return new Map([...executed].map(([provider, ids]) => [provider, ids.filter((id) => !theirs.has(id))]))
}

export function audit(calls: readonly Call[], executed: Ledgers): Audit {
  const places = placesOf(executed)
  const broken: string[] = []
  let executedTwice = 0
  let repeated = 0
  for (const call of calls) {
    const where = places.get(call.id) ?? []
    places.delete(call.id)
    if (where.length > 1 && call.idempotent) repeated += 1
    if (where.length > 1 && !call.idempotent) executedTwice += 1
    const complaint = complaintAbout(call, where)
    if (complaint) broken.push(complaint)
  }
  for (const [id, where] of places) broken.push(`ledger broken: id ${id} was executed on ${where}, but never called`)
  return { executedTwice, repeated, broken }
}

/** By id, the providers that executed it. */
function placesOf(executed: Ledgers): Map<string, string[]> {
  const places = new Map<string, string[]>()
  for (const [provider, ids] of executed) {
    for (const id of ids) {
      const where = places.get(id)
      if (where) where.push(provider)
      else places.set(id, [provider])
    }
  }
  return places
}

function complaintAbout(
  { id, idempotent, state, failure, sentTo }: Call,
  where: readonly string[],
): string | undefined {
  const times = where.length
  if (failure?.outcome === 'unsaid') return `G6 broken: id ${id} failed with ${failure.code}, which says no outcome`
  if (failure?.outcome === 'not-applied' && times > 0)
    return `G6 broken: id ${id} failed as 'not-applied', but was executed on ${where.join(', ')}`
  if (!idempotent && times > 1) {
    const often = times === 2 ? 'twice' : `${times} times`
    return `G6 broken: id ${id} executed ${often} (on ${where.join(', ')}), and it is not idempotent`
  }
  if (times > sentTo.length)
    return `G6 broken: id ${id} was sent ${sentTo.length} times, but executed ${times} times (on ${where.join(', ')})`
  if (state === 'succeeded' && times === 0)
    return `ledger broken: id ${id} was acknowledged by ${sentTo.at(-1)}, but never executed`
  return undefined
}
