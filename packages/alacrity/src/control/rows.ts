import { counted } from '../engine/cells.ts'
import { checkDescription } from '../health/status.ts'
import { rowType, type StatRow } from '../stats/row.ts'
import type { LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'
import { backendStatus, frontendStatus, statusOf } from './status.ts'
import type { Sums } from './sums.ts'

/** What a row needs to know beside its proxy. */
export interface RowContext {
  /** The limit of all connections: that of a frontend which has none of its own. */
  readonly maxconn: number
  /** A tenth of what the frontends can send there: HAProxy's `fullconn`. */
  fullconn(backend: string): number
}

/** The rows of a proxy in HAProxy's order: frontend, servers, backend. */
export function rowsOf(proxy: LiveProxy, context: RowContext): StatRow[] {
  const rows: StatRow[] = []
  if (proxy.frontend) rows.push(frontendRow(proxy, proxy.frontend, context))
  if (proxy.backend) {
    for (const server of proxy.servers) rows.push(serverRow(proxy, server))
    rows.push(backendRow(proxy, proxy.backend, context))
  }
  return rows
}

function frontendRow(proxy: LiveProxy, sums: Sums, { maxconn }: RowContext): StatRow {
  const { config } = proxy
  return {
    pxname: proxy.name,
    svname: 'FRONTEND',
    type: rowType.frontend,
    scur: sums.current,
    smax: sums.max,
    slim: proxy.maxconn ?? config.maxconn ?? maxconn,
    stot: sums.total(counted.stot),
    bin: sums.total(counted.bin),
    bout: sums.total(counted.bout),
    dreq: sums.total(counted.dreq),
    dresp: sums.total(counted.dresp),
    ereq: sums.total(counted.ereq),
    status: frontendStatus(proxy),
    pid: 1,
    iid: config.id,
    sid: 0,
    rate: sums.rate,
    rate_lim: 0,
    rate_max: sums.rateMax,
    mode: config.mode,
    conn_rate: proxy.connectionRate,
    conn_rate_max: proxy.connectionRateMax,
    conn_tot: sums.total(counted.connTot),
    dcon: sums.total(counted.dcon),
    dses: sums.total(counted.dses),
    wrew: 0,
    eint: 0,
    ...requests(proxy, sums),
    ...notCompressed,
  }
}

/** There is nothing of HTTP in a TCP section: HAProxy shows zeros. */
const notCompressed = { comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0 } as const

function requests({ config }: LiveProxy, sums: Sums): Partial<StatRow> {
  if (config.mode === 'tcp') return { req_rate: 0, req_rate_max: 0, req_tot: 0 }
  return { req_rate: sums.rate, req_rate_max: sums.rateMax, req_tot: sums.total(counted.stot) }
}

function serverRow(proxy: LiveProxy, server: LiveServer): StatRow {
  const { sums, config } = server
  const { slowstartMs } = config
  return {
    ...traffic(proxy, sums),
    svname: server.name,
    type: rowType.server,
    sid: config.id,
    ...(server.maxconn > 0 && { slim: server.maxconn }),
    status: statusOf(server),
    weight: server.isUsable ? Math.round(server.weight * server.warmth) : server.weight,
    uweight: server.weight,
    act: config.backup ? 0 : 1,
    bck: config.backup ? 1 : 0,
    lastchg: secondsSince(server.changedAt),
    ...(config.maxqueue > 0 && { qlimit: config.maxqueue }),
    ...(slowstartMs > 0 && server.warmth < 1 && server.isUsable && { throttle: Math.floor(server.warmth * 100) }),
    ...checked(server),
    ...(config.track && { tracked: `${config.track.backend}/${config.track.server}` }),
    addr: addressOf(server),
    srv_icur: 0,
    idle_conn_cur: 0,
    safe_conn_cur: 0,
    used_conn_cur: 0,
    need_conn_est: 0,
  }
}

function checked(server: LiveServer): Partial<StatRow> {
  const { config, counts, downtime } = server
  if (!config.check) return {}
  return {
    chkfail: counts?.failed ?? 0,
    chkdown: downtime.downs,
    ...(config.observe && { hanafail: counts?.observed ?? 0 }),
    downtime: Math.floor(downtime.ms / 1_000),
    // Nobody checks it then, and what was found before is old.
    ...(!server.isInMaintenance && lastCheck(server, config.check)),
  }
}

function lastCheck(server: LiveServer, { rise, fall }: NonNullable<LiveServer['config']['check']>): Partial<StatRow> {
  const { health, isBeingChecked } = server
  const last = health?.last
  return {
    check_status: `${isBeingChecked ? '* ' : ''}${last?.status ?? 'INI'}`,
    ...(last && {
      check_duration: Math.round(last.ms),
      last_chk: last.text,
      check_desc: checkDescription(last.status),
    }),
    ...(last?.code !== undefined && { check_code: last.code }),
    check_rise: rise,
    check_fall: fall,
    check_health: health?.level ?? rise,
  }
}

function backendRow(proxy: LiveProxy, sums: Sums, context: RowContext): StatRow {
  const { config } = proxy
  const usable = proxy.servers.filter((server) => server.isUsable && server.weight > 0)
  const active = usable.filter((server) => !server.config.backup)
  const weight = takingPart(active, usable, config.allbackups).reduce((sum, server) => sum + server.weight, 0)
  return {
    ...traffic(proxy, sums),
    svname: 'BACKEND',
    type: rowType.backend,
    sid: 0,
    slim: context.fullconn(proxy.name),
    dreq: 0,
    status: backendStatus(proxy),
    weight,
    uweight: weight,
    act: active.length,
    bck: usable.length - active.length,
    chkdown: proxy.downtime.downs,
    lastchg: secondsSince(proxy.changedAt),
    ...(proxy.servers.length > 0 && { downtime: Math.floor(proxy.downtime.ms / 1_000) }),
    ...notCompressed,
    agg_server_status: 0,
    agg_server_check_status: 0,
    agg_check_status: 0,
    algo: config.balance.algorithm,
  }
}

/** Whose weights count: those of the servers that get connections now. */
function takingPart(
  active: readonly LiveServer[],
  usable: readonly LiveServer[],
  allbackups: boolean,
): readonly LiveServer[] {
  if (active.length > 0) return active
  return allbackups ? usable : usable.slice(0, 1)
}

/** What servers and backends have in common. */
function traffic(proxy: LiveProxy, sums: Sums): Omit<StatRow, 'svname' | 'type'> & { pxname: string } {
  const lastSession = sums.largest(counted.lastsess)
  return {
    pxname: proxy.name,
    qcur: sums.queued,
    qmax: sums.queuedMax,
    scur: sums.current,
    smax: sums.max,
    stot: sums.total(counted.stot),
    bin: sums.total(counted.bin),
    bout: sums.total(counted.bout),
    dresp: sums.total(counted.dresp),
    econ: sums.total(counted.econ),
    eresp: sums.total(counted.eresp),
    wretr: sums.total(counted.wretr),
    wredis: sums.total(counted.wredis),
    pid: 1,
    iid: proxy.config.id,
    lbtot: sums.total(counted.lbtot),
    rate: sums.rate,
    rate_max: sums.rateMax,
    cli_abrt: sums.total(counted.cli_abrt),
    srv_abrt: sums.total(counted.srv_abrt),
    lastsess: lastSession === 0 ? -1 : secondsSince(lastSession),
    qtime: sums.average(counted.qtime),
    ctime: sums.average(counted.ctime),
    rtime: 0,
    ttime: sums.average(counted.ttime),
    mode: proxy.config.mode,
    connect: sums.total(counted.connect),
    reuse: 0,
    qtime_max: Math.round(sums.largest(counted.qtimeMax)),
    ctime_max: Math.round(sums.largest(counted.ctimeMax)),
    rtime_max: 0,
    ttime_max: Math.round(sums.largest(counted.ttimeMax)),
    wrew: 0,
    eint: 0,
  }
}

/** Only where it may be known: HAProxy shows it to operators alone, which the asker decides. */
function addressOf({ address }: LiveServer): string {
  if (!address) return ''
  if ('path' in address) return address.path
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function secondsSince(at: number): number {
  return Math.max(0, Math.floor((Date.now() - at) / 1_000))
}
