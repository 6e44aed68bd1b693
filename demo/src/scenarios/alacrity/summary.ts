import type { Ending } from '../../ending.ts'
import { percentile, tally } from '../../statistics.ts'
import { inMs, inWords, row } from '../../table/row.ts'
import { verdict } from '../../table/verdict.ts'
import type { Clients } from './clients.ts'
import { type Deeds, type Judged, judge } from './connections.ts'
import type { Row } from './rows.ts'

/** What there is once the load has ended. */
export interface Findings {
  readonly clients: Pick<Clients, 'connections' | 'answers' | 'asked' | 'failed'>
  readonly deeds: Deeds & { readonly reloads: number }
  /** What the balancer counted. */
  readonly rows: readonly Row[]
  /** The ids of the requests that servers have executed. */
  readonly executed: readonly string[]
  readonly playedMs: number
  readonly interrupted: boolean
}

/** What `--json` prints, and the table shows. */
export interface AlacritySummary {
  readonly scenario: 'alacrity'
  readonly seconds: number
  readonly interrupted: boolean
  readonly connections: {
    readonly made: number
    /** By the server that greeted. */
    readonly servers: Readonly<Record<string, number>>
    /** Those that a killed server held. */
    readonly killed: number
    /** These three must be 0. */
    readonly refused: number
    readonly dropped: number
    readonly toDrained: number
    /** What the balancer itself has counted. */
    readonly counted: number
    readonly redispatched: number
  }
  readonly requests: {
    readonly made: number
    readonly answered: number
    readonly p50Ms: number
    readonly p99Ms: number
  }
  readonly kills: number
  readonly drains: number
  readonly reloads: number
  readonly broken: readonly string[]
}

export function endingOf(findings: Findings): Ending<AlacritySummary> {
  const summary = summarize(findings)
  const kept = 'nothing was refused or dropped but what a killed server held.'
  return { summary, text: `${['', ...table(summary), '', ...verdict(summary, kept)].join('\n')}\n` }
}

export function summarize(findings: Findings): AlacritySummary {
  const { clients, deeds, rows, playedMs, interrupted } = findings
  const judged = judge(clients.connections, deeds)
  const latencies = clients.answers.map(({ ms }) => ms)
  const greeted = clients.connections.map(({ server }) => server).filter((server) => server !== undefined)
  return {
    scenario: 'alacrity',
    seconds: Math.round(playedMs / 100) / 10,
    interrupted,
    connections: {
      made: clients.connections.length,
      servers: Object.fromEntries(Object.entries(tally(greeted)).sort(([a], [b]) => a.localeCompare(b))),
      killed: judged.killed.length,
      refused: judged.refused.length,
      dropped: judged.dropped.length,
      toDrained: judged.misled.length,
      counted: rows.find(({ kind }) => kind === 'frontend')?.total ?? 0,
      redispatched: rows.find(({ kind }) => kind === 'backend')?.redispatched ?? 0,
    },
    requests: {
      made: clients.asked,
      answered: clients.answers.length,
      p50Ms: Math.round(percentile(latencies, 0.5)),
      p99Ms: Math.round(percentile(latencies, 0.99)),
    },
    kills: deeds.kills.length,
    drains: deeds.drains.length,
    reloads: deeds.reloads,
    broken: brokenPromises(findings, judged),
  }
}

/** One line each, with what happened. */
function brokenPromises({ clients, rows, executed }: Findings, judged: Judged): string[] {
  const { connections, answers } = clients
  const frontend = rows.find(({ kind }) => kind === 'frontend')
  const accepted = connections.length - judged.refused.length
  const times = tally(executed)
  const lost = answers.filter(({ id }) => times[id] === undefined).length
  const twice = Object.values(times).filter((count) => count > 1).length
  const open = connections.filter(({ endedAt }) => endedAt === undefined).length
  return [
    ...counted(judged.refused.length, 'connections were refused by the balancer'),
    ...counted(judged.dropped.length, `connections were cut, of servers that nobody killed${codes(judged)}`),
    ...counted(judged.misled.length, 'connections were sent to a server after it was drained'),
    ...counted(lost, 'requests were answered, but no server has executed them'),
    ...counted(twice, 'requests were executed more than once'),
    ...counted(open, 'connections never ended'),
    ...counted(frontend?.current ?? 0, 'connections are open in the balancer after their clients have left'),
    ...(frontend && frontend.total !== accepted
      ? [`the balancer has counted ${frontend.total} connections; its clients made ${accepted}`]
      : []),
  ]
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}

function codes({ dropped }: Judged): string {
  return `: ${inWords(tally(dropped.map(({ server = '?', cut }) => `${server} ${cut}`)))}`
}

function table({ connections, requests, seconds, kills, reloads, drains }: AlacritySummary): string[] {
  const { made, servers, killed, refused, dropped, toDrained, redispatched } = connections
  return [
    row('connections made', [made], `in ${seconds} s; to ${inWords(servers)}`),
    row('  held by a killed server', [killed], `cut, when it was; kills: ${kills}`),
    row('  refused', [refused], 'must be 0'),
    row('  dropped', [dropped], `must be 0; reloads: ${reloads}`),
    row('  sent to a drained server', [toDrained], `must be 0; drains: ${drains}`),
    row('  redispatched', [redispatched], 'their server refused: sent to another one'),
    row('requests answered', [requests.answered], `p50 ${inMs(requests.p50Ms)}, p99 ${inMs(requests.p99Ms)}`),
  ]
}
