/** A row of HAProxy's statistics, as much of it as is needed here. */
export interface Row {
  readonly proxy: string
  readonly kind: 'frontend' | 'server' | 'backend'
  /** Of a server. */
  readonly name: string
  readonly status: string
  /** Sessions now, and so far. */
  readonly current: number
  readonly total: number
  readonly redispatched: number
}

/** @param url - that of the CSV, whose first line has the names of the columns */
export async function readRows(url: string): Promise<readonly Row[]> {
  const [names = '', ...lines] = (await (await fetch(url)).text()).trimEnd().split('\n')
  const columns = names.replace(/^# /, '').split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    const cell = (column: string) => cells[columns.indexOf(column)] ?? ''
    const name = cell('svname')
    return {
      proxy: cell('pxname'),
      kind: name === 'FRONTEND' ? 'frontend' : name === 'BACKEND' ? 'backend' : 'server',
      name,
      status: cell('status'),
      current: Number(cell('scur')),
      total: Number(cell('stot')),
      redispatched: Number(cell('wredis')),
    }
  })
}
