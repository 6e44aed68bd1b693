import type { Gain } from '../gain.ts'
import type { SideSummary } from '../side-summary.ts'
import type { Summary } from '../summary.ts'
import { recoveryRows } from './recovery-rows.ts'
import { inMs, inWords, ofEach, row, type Sides } from './row.ts'
import { verdict } from './verdict.ts'

const KEPT = 'nothing twice, lost or left hanging.'

/** The end of the show, as text: a column for each side. */
export function tableOf(summary: Summary): string {
  return `${['', ...rows(summary), '', ...verdict(summary, KEPT), ...gained(summary.gain)].join('\n')}\n`
}

function rows({ sides, seconds }: Summary): string[] {
  const each = (value: (side: SideSummary) => number) => sides.map(value)
  const latency = ofEach(sides, ({ latency: { p50Ms, p99Ms } }) => `p50 ${inMs(p50Ms)}, p99 ${inMs(p99Ms)}`)
  return [
    ...(sides.length > 1
      ? [
          row(
            '',
            sides.map(({ name = '' }) => name),
          ),
        ]
      : []),
    row(
      'calls made',
      each(({ calls }) => calls.made),
      `in ${seconds} s; ${latency}`,
    ),
    row(
      '  succeeded',
      each(({ calls }) => calls.succeeded),
      `executed by ${inWords(executions(sides))}`,
    ),
    ...failureRows(sides),
    row(
      '  pending',
      each(({ calls }) => calls.pending),
      'must be 0',
    ),
    row(
      'executed twice',
      each(({ executedTwice }) => executedTwice),
      'must be 0',
    ),
    row(
      'idempotent calls repeated',
      each(({ idempotentRepeated }) => idempotentRepeated),
      'reply lost, so sent again',
    ),
    row(
      'failovers',
      each(({ failovers }) => failovers),
      ofEach(sides, (side) => inWords(side.failoverReasons)),
    ),
    row(
      'connections made',
      each(({ connects }) => connects),
      ofEach(sides, connectRule),
    ),
    ...recoveryRows(sides),
  ]
}

/** A row for each thing that errors said. */
function failureRows(sides: Sides): string[] {
  const kinds = new Map(sides.flatMap(({ failures }) => failures).map((kind) => [`${kind.outcome} ${kind.code}`, kind]))
  const sorted = [...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([, kind]) => kind)
  return sorted.map(({ outcome, code }) => {
    const isIt = (kind: SideSummary['failures'][number]) => kind.outcome === outcome && kind.code === code
    const times = sides.map(({ failures }) => failures.find(isIt)?.calls ?? 0)
    return row(`  failed, outcome ${outcome}`, times, shortened(code))
  })
}

/** Our own codes all begin the same. */
const shortened = (code: string) => code.replace(/^TOURNIQUET_/, '')

function connectRule({ standby, sparesNotTaken }: SideSummary): string {
  return standby ? `the same, and spares not taken: ${sparesNotTaken}` : 'the first, and one a failover'
}

/** By provider, for all sides. */
function executions(sides: Sides): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { executed } of sides)
    for (const [provider, times] of Object.entries(executed)) sums[provider] = (sums[provider] ?? 0) + times
  return sums
}

function gained(gain: Gain | undefined): string[] {
  if (!gain) return []
  const { median, ratios } = gain
  return [
    `Once a loss was known, calls succeeded again ${median} times as fast with standby`,
    `(median of ${ratios.length} faults). It saves the connect, not the time to find the loss,`,
    'and costs one more connection, which is always open.',
  ]
}
