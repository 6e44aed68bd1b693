import type { Recovery } from '../recovery.ts'
import { inMs, ofEach, row, type Sides } from './row.ts'

/** How soon calls succeeded again after each fault, a row for each. */
export function recoveryRows(sides: Sides): string[] {
  const faults = paired(sides.map(({ recovery }) => recovery.faults))
  const blackouts = paired(sides.map((side) => side.blackouts))
  return [...(faults.length > 0 ? [medians(sides)] : []), ...[...faults, ...blackouts].flatMap(rowsOf)]
}

function medians(sides: Sides): string {
  const values = sides.map(({ recovery }) => inMs(recovery.p50Ms))
  return row('from fault to next provider', values, `p50; max ${ofEach(sides, ({ recovery }) => inMs(recovery.maxMs))}`)
}

/** What each side made of the same fault: undefined, where the show ended before it had recovered. */
type Paired = readonly (Recovery | undefined)[]

function paired(lists: readonly (readonly Recovery[])[]): readonly Paired[] {
  const length = Math.max(...lists.map((list) => list.length))
  return Array.from({ length }, (_, at) => lists.map((list) => list[at]))
}

function rowsOf(recoveries: Paired): string[] {
  const known = recoveries.filter((recovery) => recovery !== undefined)
  const [next, ...others] = new Set(known.map((recovery) => recovery.next))
  const label = `  ${known[0]?.what ?? ''}${next && others.length === 0 ? ` → ${next}` : ''}`
  const times = (of: (recovery: Recovery) => number | undefined) =>
    recoveries.map((recovery) => (recovery ? inMs(of(recovery)) : '–'))
  const limit = known[0]?.limit
  const promised = limit
    ? `promised: ${limit.what} ${limit.ms} ms (${limit.promise}; checked at 3 times that and 3 s)`
    : ''
  // Where nothing tells of a fault, most of the time passes until it is found, and how much is a matter of chance.
  const isFound = limit !== undefined && known.some(({ knownMs }) => knownMs !== undefined)
  return [
    row(
      label,
      times(({ ms }) => ms),
      promised,
    ),
    ...(isFound
      ? [
          row(
            '    until it was found',
            times(({ knownMs }) => knownMs),
          ),
        ]
      : []),
  ]
}
