import { differences } from '../differential/differences.ts'

/** A row of `show stat`, by its columns. */
export type Row = { readonly [column: string]: string }

/** The rows of a section by what they are about, as far as they can be compared. */
export type ComparableRows = { readonly [svname: string]: Row }

/** What depends on the second in which it is asked: compared is only whether there is something. */
const times = new Set([
  'lastchg',
  'downtime',
  'lastsess',
  'qtime',
  'ctime',
  'ttime',
  'qtime_max',
  'ctime_max',
  'ttime_max',
  'check_duration',
  'rate',
  'rate_max',
  'conn_rate',
  'conn_rate_max',
])

export function rowsOf(csv: string): Row[] {
  const [head = '', ...lines] = csv.trim().split('\n')
  const columns = head.replace(/^# /, '').split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, at) => [columns[at] as string, value])))
}

export function comparableRows(
  rows: readonly Row[],
  section: string,
  ports: ReadonlyMap<string, number>,
): ComparableRows {
  const names = new Map([...ports].map(([name, port]) => [`${port}`, name]))
  const own = rows.filter(({ pxname }) => pxname === section)
  return Object.fromEntries(own.map((row) => [row.svname, comparable(row, names)]))
}

function comparable(row: Row, names: ReadonlyMap<string, string>): Row {
  const kept = Object.entries(row).filter(([column]) => !isDifferent(column, row))
  return Object.fromEntries(
    kept.map(([column, value]) => {
      if (times.has(column)) return [column, /^\d+$/.test(value) ? 'a number' : value]
      if (column === 'addr') return [column, value.replace(/\d+$/, (port) => names.get(port) ?? port)]
      return [column, value]
    }),
  )
}

function isDifferent(column: string, { svname }: Row): boolean {
  const kind = svname === 'FRONTEND' ? 'frontend' : svname === 'BACKEND' ? 'backend' : 'server'
  return differences.some(({ columns = [], rows = [kind] }) => {
    const isMeant = columns.some((known) => (typeof known === 'string' ? known === column : known.test(column)))
    return isMeant && rows.includes(kind)
  })
}
