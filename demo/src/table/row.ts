import type { SideSummary } from '../side-summary.ts'
import { count } from '../timeline/text.ts'

export type Sides = readonly SideSummary[]

const LABEL_COLUMNS = 29
const VALUE_COLUMNS = 8
const GAP = '  '

/** One line of the table: what it is about, a value for each side, and what there is to say of them. */
export function row(label: string, values: readonly (number | string)[], remark = ''): string {
  const shown = values.map((value) => (typeof value === 'number' ? count(value) : value).padStart(VALUE_COLUMNS))
  return `  ${label.padEnd(LABEL_COLUMNS)}${shown.join(GAP)}   ${remark}`.trimEnd()
}

/** What there is to say of each side; once, where it is the same of all. */
export function ofEach(sides: Sides, text: (side: SideSummary) => string): string {
  return [...new Set(sides.map(text))].join(' / ')
}

export function inMs(ms: number | undefined): string {
  return ms !== undefined && Number.isFinite(ms) ? `${ms} ms` : 'never'
}

export function inWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${count(times)}`)
    .join(', ')
}
