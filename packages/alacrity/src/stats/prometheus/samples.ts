import { type Column, rowType, type StatRow } from '../row.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
}

const proxyStates = ['DOWN', 'UP'] as const
const serverStates = ['DOWN', 'UP', 'MAINT', 'DRAIN', 'NOLB'] as const
const checkStates = [
  'HANA',
  'SOCKERR',
  'L4OK',
  'L4TOUT',
  'L4CON',
  'L6OK',
  'L6TOUT',
  'L6RSP',
  'L7TOUT',
  'L7RSP',
  'L7OK',
  'L7OKC',
  'L7STS',
  'PROCERR',
  'PROCTOUT',
  'PROCOK',
] as const

const inMilliseconds = new Set<Column>(['qtime', 'ctime', 'rtime', 'ttime', 'check_duration'])
for (const time of ['qtime_max', 'ctime_max', 'rtime_max', 'ttime_max'] as const) inMilliseconds.add(time)
const onlyIfChecked = new Set<Column>(['check_status', 'check_code', 'check_duration'])

/** What one row says in one metric: a state is one sample for each there is. */
export function samplesOf(row: StatRow, column: Column, rows: readonly StatRow[]): Sample[] {
  if (onlyIfChecked.has(column) && row.check_status === undefined) return []
  const counts = countsOf(row, column, rows)
  const labels = labelsOf(row)
  if (!counts) return [{ labels, value: textOf(row, column) }]
  return [...counts].map(([state, count]) => ({ labels: { ...labels, state }, value: String(count) }))
}

/** `UP 1/3` is UP, `no check` too, `MAINT (via a/b)` is MAINT. */
export function stateOf(row: StatRow): string {
  const [word = ''] = String(row.status).split(/[ (]/)
  if (row.type === rowType.server) return (serverStates as readonly string[]).includes(word) ? word : 'UP'
  return word === 'DOWN' || word === 'STOP' ? 'DOWN' : 'UP'
}

function countsOf(row: StatRow, column: Column, rows: readonly StatRow[]): Map<string, number> | undefined {
  const servers = () => rows.filter((each) => each.type === rowType.server && each.pxname === row.pxname)
  switch (column) {
    case 'status':
      return tally(row.type === rowType.server ? serverStates : proxyStates, [stateOf(row)])
    case 'check_status':
      return tally(checkStates, [checkStateOf(row)])
    case 'agg_server_status':
    case 'agg_server_check_status':
      return tally(serverStates, servers().map(stateOf))
    case 'agg_check_status':
      return tally(checkStates, servers().map(checkStateOf))
    default:
      return undefined
  }
}

/** While a check runs its last result has a `* ` before it. */
function checkStateOf({ check_status = '' }: StatRow): string {
  return String(check_status).replace(/^\* /, '')
}

function tally(states: readonly string[], found: readonly string[]): Map<string, number> {
  return new Map(states.map((state) => [state, found.filter((each) => each === state).length]))
}

function labelsOf(row: StatRow): Record<string, string> {
  return row.type === rowType.server ? { proxy: row.pxname, server: row.svname } : { proxy: row.pxname }
}

function textOf(row: StatRow, column: Column): string {
  const value = row[column]
  if (value === undefined || value === '') return column === 'check_code' ? '0' : 'NaN'
  return inMilliseconds.has(column) ? (Number(value) / 1000).toFixed(6) : String(value)
}
