import type { WatchedServer } from '../../src/api/watched.ts'
import type { ProxyConfig, ServerConfig } from '../../src/config/model.ts'
import { rowType, type StatRow } from '../../src/stats/row.ts'

/** What HAProxy shows of a frontend, a server and a backend that nobody has used yet. */
export function frontendRow(proxy: ProxyConfig, status: string): StatRow {
  return {
    ...{ pxname: proxy.name, svname: 'FRONTEND', type: rowType.frontend, status, pid: 1, iid: proxy.id, sid: 0 },
    ...{ scur: 0, smax: 0, slim: proxy.maxconn ?? 2000, stot: 0, bin: 0, bout: 0, dreq: 0, dresp: 0, ereq: 0 },
    ...{ rate: 0, rate_lim: 0, rate_max: 0, req_rate: 0, req_rate_max: 0, req_tot: 0 },
    ...{ comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0, mode: proxy.mode },
    ...{ conn_rate: 0, conn_rate_max: 0, conn_tot: 0, dcon: 0, dses: 0, wrew: 0, eint: 0 },
  }
}

export function serverRow(server: WatchedServer, config: ServerConfig | undefined): StatRow {
  return {
    ...{ pxname: server.backend, svname: server.name, type: rowType.server, status: server.status, pid: 1 },
    ...{ iid: server.backendId, sid: server.id, qcur: server.queued, qmax: 0, scur: server.sessions, smax: 0, stot: 0 },
    ...(server.maxconn > 0 && { slim: server.maxconn }),
    ...(config && config.maxqueue > 0 && { qlimit: config.maxqueue }),
    ...{ bin: 0, bout: 0, dresp: 0, econ: 0, eresp: 0, wretr: 0, wredis: 0, weight: server.weight },
    ...{ act: server.backup ? 0 : 1, bck: server.backup ? 1 : 0, lastchg: server.lastChangeSec },
    ...(server.isChecked && checkColumns(server, config)),
    ...{
      lbtot: 0,
      rate: 0,
      rate_max: 0,
      cli_abrt: 0,
      srv_abrt: 0,
      lastsess: -1,
      qtime: 0,
      ctime: 0,
      rtime: 0,
      ttime: 0,
    },
    ...{ addr: `${server.host}:${server.port}`, mode: 'tcp', wrew: 0, connect: 0, reuse: 0, srv_icur: 0 },
    ...{ qtime_max: 0, ctime_max: 0, rtime_max: 0, ttime_max: 0, eint: 0, idle_conn_cur: 0, safe_conn_cur: 0 },
    ...{ used_conn_cur: 0, need_conn_est: server.isChecked ? 1 : 0, uweight: server.weight },
  }
}

function checkColumns(server: WatchedServer, config: ServerConfig | undefined): Partial<StatRow> {
  return {
    ...{ chkfail: 1, chkdown: 1, downtime: 1, check_status: server.checkStatus, check_duration: 0, last_chk: '' },
    ...{
      check_desc: 'Layer4 check passed',
      check_rise: config?.check?.rise ?? 2,
      check_fall: config?.check?.fall ?? 3,
    },
    check_health: server.checkHealth,
  }
}

export function backendRow(proxy: ProxyConfig, servers: readonly WatchedServer[]): StatRow {
  const usable = servers.filter((server) => server.operationalState !== 0)
  const active = usable.filter((server) => !server.backup)
  const weight = active.reduce((sum, server) => sum + server.weight, 0)
  return {
    ...{ pxname: proxy.name, svname: 'BACKEND', type: rowType.backend, status: usable.length > 0 ? 'UP' : 'DOWN' },
    ...{ pid: 1, iid: proxy.id, sid: 0, qcur: 0, qmax: 0, scur: 0, smax: 0, slim: 200, stot: 0, bin: 0, bout: 0 },
    ...{ dreq: 0, dresp: 0, econ: 0, eresp: 0, wretr: 0, wredis: 0, weight, act: active.length },
    ...{ bck: usable.length - active.length, chkdown: 0, lastchg: 2, downtime: 0, lbtot: 0, rate: 0, rate_max: 0 },
    ...{ cli_abrt: 0, srv_abrt: 0, comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0, lastsess: -1 },
    ...{ qtime: 0, ctime: 0, rtime: 0, ttime: 0, mode: proxy.mode, algo: proxy.balance.algorithm },
    ...{ wrew: 0, connect: 0, reuse: 0, qtime_max: 0, ctime_max: 0, rtime_max: 0, ttime_max: 0, eint: 0 },
    ...{ uweight: weight, agg_server_status: 0, agg_server_check_status: 0, agg_check_status: 0 },
  }
}
