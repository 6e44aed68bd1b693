import type { Recovery } from './recovery.ts'
import type { Summary } from './summary.ts'
import { count } from './timeline/text.ts'

const LABEL_COLUMNS = 29
const VALUE_COLUMNS = 8
const MOST_COMPLAINTS = 10

/** The end of the show, as text. */
export function tableOf(summary: Summary): string {
  return `${['', ...rows(summary), '', ...verdict(summary)].join('\n')}\n`
}

function rows(summary: Summary): string[] {
  const { calls, failures, latency } = summary
  return [
    row('calls made', calls.made, `in ${summary.seconds} s; p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`),
    row('  succeeded', calls.succeeded, executions(summary)),
    ...['not-applied', 'unknown', 'unsaid'].flatMap((outcome) => failed(outcome, failures)),
    row('  pending', calls.pending, 'must be 0'),
    row('executed twice', summary.executedTwice, 'must be 0'),
    row('idempotent calls repeated', summary.idempotentRepeated, 'reply lost, so sent again'),
    row('failovers', summary.failovers, inWords(summary.failoverReasons)),
    row('connections made', summary.connects, 'the first, and one a failover'),
    ...recoveryRows(summary),
  ]
}

function verdict({ broken, interrupted }: Summary): string[] {
  const early = interrupted ? 'Ended early. ' : ''
  if (broken.length === 0) return [`${early}Every promise was kept: nothing twice, lost or left hanging.`]
  const more = broken.length - MOST_COMPLAINTS
  return [
    `${early}A promise broke:`,
    ...broken.slice(0, MOST_COMPLAINTS).map((complaint) => `  ${complaint}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}

function row(label: string, value: number | string, remark: string): string {
  const shown = typeof value === 'number' ? count(value) : value
  return `  ${label.padEnd(LABEL_COLUMNS)}${shown.padStart(VALUE_COLUMNS)}   ${remark}`.trimEnd()
}

function failed(outcome: string, failures: Summary['failures']): string[] {
  const those = failures.filter((failure) => failure.outcome === outcome)
  if (those.length === 0) return []
  const total = those.reduce((sum, { calls }) => sum + calls, 0)
  return [
    row(
      `  failed, outcome ${outcome}`,
      total,
      those.map(({ code, calls }) => `${shortened(code)} ${calls}`).join(', '),
    ),
  ]
}

/** Our own codes all begin the same. */
const shortened = (code: string) => code.replace(/^TOURNIQUET_/, '')

function recoveryRows({ recovery: { faults, p50Ms, maxMs }, blackouts }: Summary): string[] {
  const both = row('from fault to next provider', inMs(p50Ms), `p50; max ${inMs(maxMs)}`)
  return [...(faults.length > 0 ? [both] : []), ...[...faults, ...blackouts].map(recoveryRow)]
}

function recoveryRow({ what, next, ms, limit }: Recovery): string {
  const promised = limit ? `promised: ${limit.what} ${limit.ms} ms (${limit.promise}; checked at 3 times that)` : ''
  return row(`  ${what}${next ? ` → ${next}` : ''}`, inMs(ms), promised)
}

function inMs(ms = Number.POSITIVE_INFINITY): string {
  return Number.isFinite(ms) ? `${ms} ms` : 'never'
}

function executions({ executed }: Summary): string {
  return `executed by ${inWords(executed)}`
}

function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${count(times)}`)
    .join(', ')
}
