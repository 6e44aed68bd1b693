import { rowType, type StatRow } from './row.ts'

/** Which rows are asked for. */
export interface Selection {
  /** One proxy: HAProxy's `iid`. -1, or not set: all. */
  readonly iid?: number
  /** Of which kinds: 1 frontends, 2 backends, 4 servers, added up. -1, or not set: all. */
  readonly types?: number
  /** One server of each proxy, beside its frontend and backend: its `sid`. -1, or not set: all. */
  readonly sid?: number
  /** No servers that are down. */
  readonly up?: boolean
  /** No servers in maintenance. */
  readonly noMaint?: boolean
  /** Proxies whose name holds this. */
  readonly scope?: string
}

/** The rows that were asked for. */
export function select(rows: readonly StatRow[], wanted: Selection): StatRow[] {
  const scope = wanted.scope?.toLowerCase() ?? ''
  return rows.filter(
    (row) =>
      isAll(wanted.iid, row.iid) &&
      ((wanted.types ?? -1) & (1 << row.type)) !== 0 &&
      row.pxname.toLowerCase().includes(scope) &&
      !(row.type === rowType.server && isHidden(row, wanted)),
  )
}

function isAll(wanted: number | undefined, is: string | number | undefined): boolean {
  return wanted === undefined || wanted === -1 || wanted === Number(is)
}

function isHidden(row: StatRow, { up = false, noMaint = false, sid }: Selection): boolean {
  if (!isAll(sid, row.sid)) return true
  const isInMaintenance = String(row.status).startsWith('MAINT')
  if (isInMaintenance) return up || noMaint
  // As HAProxy has it: one that is about to come up is shown.
  return up && String(row.status).startsWith('DOWN') && !(Number(row.check_health) > 0)
}
