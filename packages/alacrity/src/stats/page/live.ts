import type { Watched } from '../../api/watched.ts'
import type { StatsConfig } from '../../config/model.ts'
import type { Column, StatRow } from '../row.ts'

/** The columns the page shows. */
const shown = [
  ...['pxname', 'svname', 'type', 'status', 'lastchg', 'check_status', 'check_code', 'check_duration', 'last_chk'],
  ...['check_desc', 'qcur', 'qmax', 'qlimit', 'rate', 'rate_max', 'rate_lim', 'scur', 'smax', 'slim', 'stot', 'lbtot'],
  ...['lastsess', 'bin', 'bout', 'dreq', 'dresp', 'ereq', 'econ', 'eresp', 'wretr', 'wredis', 'cli_abrt', 'srv_abrt'],
  ...['qtime', 'ctime', 'ttime', 'weight', 'act', 'bck', 'chkfail', 'chkdown', 'downtime', 'throttle', 'addr'],
] as readonly Column[]

/** What the page asks for again and again. */
export interface Live {
  readonly description?: string
  readonly node?: string
  readonly info: Readonly<Record<string, string | number>>
  readonly refreshMs: number
  /** For the buttons. Not set: there are none. */
  readonly token?: string
  readonly columns: readonly Column[]
  /** In the order of `columns`; '' where HAProxy's CSV is empty. */
  readonly rows: readonly (readonly (string | number)[])[]
  readonly proxies: Readonly<Record<string, { readonly kind: string; readonly text: string }>>
}

const infoShown = ['Name', 'Pid', 'Nbthread', 'Uptime', 'Uptime_sec', 'Maxconn', 'Ulimit-n', 'Maxsock', 'CurrConns']
infoShown.push('CumConns', 'ConnRate', 'MaxConnRate', 'SessRate', 'MaxSessRate', 'Idle_pct', 'BytesOutRate', 'Stopping')

/** What is there now, as far as the section's `stats` lines allow it to be shown. */
export function live(watched: Watched, stats: StatsConfig, token: string | undefined): Live {
  const info = watched.info()
  const names = stats.hideVersion ? infoShown : [...infoShown, 'Version']
  const rows = watched.rows()
  const columns = stats.showLegends ? shown : shown.filter((column) => column !== 'addr')
  return {
    // Without a word of their own they show what `global` says.
    ...(stats.showDesc !== undefined && { description: stats.showDesc || (watched.global.description ?? '') }),
    ...(stats.showNode !== undefined && { node: stats.showNode || String(info.get('node') ?? '') }),
    info: Object.fromEntries(names.flatMap((name) => (info.has(name) ? [[name, info.get(name)!]] : []))),
    refreshMs: Math.max(stats.refreshMs ?? 2_000, 500),
    ...(token !== undefined && { token }),
    columns,
    rows: rows.map((row: StatRow) => columns.map((column) => row[column] ?? '')),
    proxies: Object.fromEntries(watched.proxies.map((proxy) => [proxy.name, aboutProxy(proxy, stats)])),
  }
}

function aboutProxy(proxy: Watched['proxies'][number], stats: StatsConfig): { kind: string; text: string } {
  const balance = proxy.kind === 'frontend' || !stats.showLegends ? '' : `balance ${proxy.balance.algorithm}`
  const description = stats.showDesc === undefined ? '' : (proxy.description ?? '')
  return { kind: proxy.kind, text: [balance, description].filter((text) => text !== '').join(', ') }
}
