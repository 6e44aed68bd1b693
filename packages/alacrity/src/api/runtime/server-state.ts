import { isIP } from 'node:net'
import type { WatchedServer } from '../watched.ts'

const stateColumns =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'

/** HAProxy's numbers for what a check saw. */
const checkNumbers: Readonly<Record<string, number>> = {
  UNK: 1, // as HAProxy begins
  INI: 1,
  HANA: 4,
  SOCKERR: 5,
  L4OK: 6,
  L4TOUT: 7,
  L4CON: 8,
  L6OK: 9,
  L6TOUT: 10,
  L6RSP: 11,
  L7TOUT: 12,
  L7RSP: 13,
  L7OK: 15,
  L7OKC: 16,
  L7STS: 17,
}
/** Its results: 0 unknown, 1 neutral, 2 failed, 3 passed, 4 passed conditionally. */
const results: Readonly<Record<string, number>> = { UNK: 0, INI: 0, HANA: 0, L4OK: 3, L6OK: 3, L7OK: 3, L7OKC: 4 }
/** Bits of a check's state: configured, enabled, and paused while its server is in maintenance. */
const check = { configured: 2, enabled: 4, paused: 8 } as const

/** `show servers state`, in the format of HAProxy's state file, version 1. */
export function serverStates(servers: readonly WatchedServer[]): string {
  return `1\n# ${stateColumns}\n${servers.map((server) => `${stateOf(server).join(' ')}\n`).join('')}`
}

function stateOf(server: WatchedServer): (string | number)[] {
  const isName = nameOf(server) !== '-'
  const status = server.checkStatus.replace(/^\* /, '') || 'INI'
  return [
    ...[server.backendId, server.backend, server.id, server.name, server.host || '-'],
    ...[server.operationalState, server.adminState, server.weight, server.initialWeight, server.lastChangeSec],
    ...[checkNumbers[status] ?? 0, results[status] ?? 2, server.checkHealth, checkStateOf(server), 0, 0, 0],
    ...[isName ? nameOf(server) : '-', server.port, '-', 0, server.checkPort, '-', '-', 0],
  ]
}

function checkStateOf({ isChecked, adminState }: WatchedServer): number {
  const isInMaintenance = (adminState & (1 | 2 | 4 | 32)) !== 0
  return (isChecked ? check.configured | check.enabled : 0) | (isInMaintenance ? check.paused : 0)
}

/** What the file calls it, where that has to be resolved. */
function nameOf({ address }: WatchedServer): string {
  const host = address.replace(/:[^:\]]*$/, '').replace(/^\[(.*)\]$/, '$1')
  return host === '' || host.startsWith('/') || isIP(host) !== 0 ? '-' : host
}

/** `show servers conn`: no connection to a server is ever kept idle, so most of it is 0. */
export function serverConnections(servers: readonly WatchedServer[]): string {
  const head =
    '# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]\n'
  const line = ({ backend, name, backendId, id, host, port, sessions }: WatchedServer) =>
    `${backend}/${name} ${backendId}/${id} ${host || '-'} ${port} - 5000 ${sessions} ${sessions} ${sessions} 0 0 -1 0 0\n`
  return head + servers.map(line).join('')
}
