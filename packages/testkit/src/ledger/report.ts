/** What a ledger run showed. */
export interface LedgerReport {
  /** What was tested. */
  readonly name: string
  readonly seed: number
  /** The variables with which a test runs the same script of faults again. */
  readonly replay: string
  /** Writes that were begun. */
  readonly writes: number
  readonly acknowledged: number
  /** Failed, and certainly not applied. */
  readonly notApplied: number
  /** Failed, and perhaps applied. */
  readonly unknown: number
  /** Failed with an error that says no outcome: none should. */
  readonly untold: number
  readonly pending: number
  /** Acknowledged, and not there. */
  readonly lost: number
  /** There more than once. */
  readonly doubled: number
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>
  readonly failovers: number
  readonly durationMs: number
  /** All that broke a promise, in words. */
  readonly problems: readonly string[]
}

const SHOWN = 10

/** A report as text: one line, and one for each problem. */
export function reportText(report: LedgerReport): string {
  const { name, seed, writes, acknowledged, notApplied, unknown, pending, lost, doubled, failovers, problems } = report
  const faults = Object.entries(report.faults).map(([fault, count]) => `${count} ${fault}`)
  const lines = [
    `the ledger of ${name}, seed ${seed}: ${writes} writes in ${(report.durationMs / 1000).toFixed(1)} s, ` +
      `${acknowledged} acknowledged, ${notApplied} not applied, ${unknown} unknown; ` +
      `${lost} lost, ${doubled} doubled, ${pending} pending; ${failovers} failovers; faults: ${faults.join(', ')}`,
    ...problems.slice(0, SHOWN),
  ]
  if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more`)
  if (problems.length > 0) lines.push(`replay: ${report.replay}`)
  return lines.join('\n')
}
