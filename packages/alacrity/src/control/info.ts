import { hostname } from 'node:os'
import { openFilesLimit } from './limits.ts'

/** What `show info` is made of. */
export interface InfoFacts {
  readonly version: string
  readonly threads: number
  readonly startedAt: number
  readonly maxconn: number
  readonly connections: number
  readonly totalConnections: number
  readonly connectionRate: number
  readonly connectionRateMax: number
  readonly sessionRate: number
  readonly sessionRateMax: number
  readonly bytesOut: number
  readonly listeners: number
  readonly isStopping: boolean
  readonly idlePercent: number
  readonly node: string | undefined
  readonly description: string | undefined
}

/** `show info`, in HAProxy's order, as far as it means something here. */
export function infoOf(facts: InfoFacts): ReadonlyMap<string, string | number> {
  const uptimeSec = Math.floor((Date.now() - facts.startedAt) / 1_000)
  return new Map<string, string | number>([
    ['Name', 'alacrity'],
    ['Version', facts.version],
    ['Nbthread', facts.threads],
    ['Nbproc', 1],
    ['Process_num', 1],
    ['Pid', process.pid],
    ['Uptime', uptimeText(uptimeSec)],
    ['Uptime_sec', uptimeSec],
    ['Memmax_MB', 0],
    ['PoolUsed_MB', Math.round(process.memoryUsage.rss() / 1_048_576)],
    ['Ulimit-n', openFilesLimit()],
    ['Maxsock', openFilesLimit()],
    ['Maxconn', facts.maxconn],
    ['Hard_maxconn', facts.maxconn],
    ['CurrConns', facts.connections],
    ['CumConns', facts.totalConnections],
    ['CumReq', facts.totalConnections],
    ['ConnRate', facts.connectionRate],
    ['ConnRateLimit', 0],
    ['MaxConnRate', facts.connectionRateMax],
    ['SessRate', facts.sessionRate],
    ['SessRateLimit', 0],
    ['MaxSessRate', facts.sessionRateMax],
    ['Idle_pct', facts.idlePercent],
    ['node', facts.node ?? hostname()],
    ['Stopping', facts.isStopping ? 1 : 0],
    ['Jobs', facts.connections + facts.listeners],
    ['Listeners', facts.listeners],
    ['TotalBytesOut', facts.bytesOut],
    ['Start_time_sec', Math.floor(facts.startedAt / 1_000)],
    ...(facts.description === undefined ? [] : [['description', facts.description] as const]),
  ])
}

function uptimeText(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3_600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  return `${days}d ${hours}h${`${minutes}`.padStart(2, '0')}m${`${seconds % 60}`.padStart(2, '0')}s`
}
