import { columns, type StatRow } from './row.ts'

/** HAProxy's header, which ends in a comma, as every line does. */
export const csvHeader: string = `# ${columns.join(',')},\n`

/** The statistics as HAProxy's CSV. */
export function csv(rows: readonly StatRow[]): string {
  return csvHeader + rows.map(line).join('')
}

function line(row: StatRow): string {
  return `${columns.map((column) => `${quoted(String(row[column] ?? ''))},`).join('')}\n`
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
