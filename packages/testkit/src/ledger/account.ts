/**
 * What a writer was told of its id. `'untold'`: an error that does not say whether it was applied. `'pending'`: nothing
 * yet.
 */
export type Told = 'acknowledged' | 'not-applied' | 'unknown' | 'untold' | 'pending'

/** The accounting of a ledger. */
export interface Account {
  /** Acknowledged, and not there. */
  readonly lost: number
  /** There more than once. */
  readonly doubled: number
  /** All that should not be, in words, one line an id. */
  readonly problems: readonly string[]
}

const MAY_BE_THERE: Readonly<Record<Told, readonly number[]>> = {
  acknowledged: [1],
  'not-applied': [0],
  unknown: [0, 1],
  untold: [0, 1],
  pending: [0, 1],
}

/**
 * Holds what the writers were told against what was written: each acknowledged id must be there exactly once, each that
 * failed as not applied not at all, every other at most once, and nothing may be pending.
 */
export function account(told: ReadonlyMap<string, Told>, written: readonly string[]): Account {
  const counts = new Map<string, number>()
  for (const id of written) counts.set(id, (counts.get(id) ?? 0) + 1)
  const countOf = (id: string): number => counts.get(id) ?? 0
  const ids = [...told.keys()]
  return {
    lost: ids.filter((id) => told.get(id) === 'acknowledged' && countOf(id) === 0).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
    problems: [
      ...[...told].flatMap(([id, said]) => problemsOf(id, said, countOf(id))),
      ...[...counts.keys()].filter((id) => !told.has(id)).map((id) => `${id} is there, and nobody wrote it`),
    ],
  }
}

function problemsOf(id: string, said: Told, count: number): string[] {
  const problems: string[] = []
  if (said === 'pending') problems.push(`G5 ${id} is pending`)
  if (said === 'untold') problems.push(`G6 ${id} failed with an error that says no outcome`)
  if (!MAY_BE_THERE[said].includes(count)) problems.push(`G6 ${id}, ${wordsFor[said]}, is there ${times(count)}`)
  return problems
}

const wordsFor: Readonly<Record<Told, string>> = {
  acknowledged: 'which was acknowledged',
  'not-applied': "which failed as 'not-applied'",
  unknown: "which failed as 'unknown'",
  untold: 'which failed',
  pending: 'which is pending',
}

function times(count: number): string {
  return count === 0 ? 'not at all' : count === 1 ? 'once' : `${count} times`
}
