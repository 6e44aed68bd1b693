import { type Column, columns, rowType } from './row.ts'

/**
 * What HAProxy's typed formats say of a value, in its letters: where it is from, what kind of number it is, and for
 * what it holds; then the type of the value.
 */
export type Tags = `${Origin}${Nature}${Scope}:${'str' | 'u32' | 'u64' | 's32'}`
type Origin = keyof typeof origins
type Nature = keyof typeof natures
type Scope = keyof typeof scopes

export const origins = { M: 'Metric', S: 'Status', K: 'Key', C: 'Config', P: 'Product' } as const
export const natures = {
  A: 'Age',
  a: 'Avg',
  C: 'Counter',
  D: 'Duration',
  G: 'Gauge',
  L: 'Limit',
  M: 'Max',
  m: 'Min',
  N: 'Name',
  O: 'Output',
  R: 'Rate',
  T: 'Time',
} as const
export const scopes = { P: 'Process', S: 'Service', C: 'Cluster' } as const

const byTags: readonly (readonly [Tags, string])[] = [
  ['KNS:str', 'pxname svname'],
  ['CNS:str', 'tracked cookie'],
  ['CGS:str', 'addr mode algo'],
  ['SGP:str', 'status'],
  ['MOP:str', 'check_status last_chk last_agt agent_status check_desc agent_desc'],
  ['MOP:u32', 'check_code agent_code'],
  ['MDP:u64', 'check_duration agent_duration'],
  ['KGP:u32', 'pid'],
  ['KGS:u32', 'iid sid'],
  ['CGS:u32', 'type qlimit check_rise check_fall check_health agent_rise agent_fall agent_health'],
  ['CLP:u32', 'slim rate_lim src_ilim'],
  ['MaP:u32', 'weight uweight throttle qtime ctime rtime ttime'],
  ['MAP:u32', 'lastchg'],
  ['MAP:s32', 'lastsess'],
  ['MCP:u32', 'downtime'],
  ['MRP:u32', 'rate req_rate conn_rate'],
  ['MMP:u32', 'qmax smax rate_max req_rate_max conn_rate_max qtime_max ctime_max rtime_max ttime_max'],
  ['MGP:u32', 'qcur scur act bck srv_icur idle_conn_cur safe_conn_cur used_conn_cur need_conn_est'],
  ['MGP:u32', 'agg_server_status agg_server_check_status agg_check_status'],
]
const known = new Map(byTags.flatMap(([tags, names]) => names.split(' ').map((name) => [name, tags])))

/** The few that HAProxy calls something else in one kind of row. */
const exceptions: Readonly<Record<string, Tags>> = {
  [`act ${rowType.server}`]: 'SGP:u32',
  [`bck ${rowType.server}`]: 'SGP:u32',
  [`rate ${rowType.backend}`]: 'MGP:u32',
  [`rate_max ${rowType.backend}`]: 'MGP:u32',
}

/** The tags of a column in a row of `type`. All that are not named are 64-bit counters. */
function tagsOf(column: Column, type: number): Tags {
  return exceptions[`${column} ${type}`] ?? known.get(column) ?? 'MCP:u64'
}

/** What the columns of a row hold, with their positions; what is not set is left out. */
export function* fieldsOf(
  row: Readonly<Partial<Record<Column, string | number>>> & { readonly type: number },
): Generator<{ position: number; name: Column; tags: Tags; value: string | number }> {
  for (const [position, name] of columns.entries()) {
    const value = row[name]
    if (value !== undefined) yield { position, name, tags: tagsOf(name, row.type), value }
  }
}
