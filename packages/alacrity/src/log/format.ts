import { hostname } from 'node:os'
import { shared } from '../engine/cells.ts'
import type { Numbers } from '../engine/numbers.ts'
import type { Ending, Session } from '../engine/session/session.ts'
import { logDate } from './date.ts'

/** What a line is about. */
interface Logged {
  readonly session: Session
  readonly ending: Ending
  readonly totalMs: number
}

export type Line = (logged: Logged) => string

const now = (numbers: Numbers | undefined, cell: number) => (numbers ? (numbers.shared[cell] as number) : 0)
/** HAProxy logs a session when it has left its server and its backend, and not yet its frontend. */
const others = (numbers: Numbers | undefined) => Math.max(0, now(numbers, shared.cur) - 1)
const ms = (value: number) => `${Math.round(value)}`

/** HAProxy's variables, as far as a TCP connection has them. What it has not (`%ST`, `%r` …) is `-`. */
const variables: { readonly [name: string]: Line } = {
  ci: ({ session }) => session.clientAddress || '-',
  cp: ({ session }) => `${endsOf(session)?.source.port ?? 0}`,
  fi: ({ session }) => endsOf(session)?.destination.address ?? '-',
  fp: ({ session }) => `${endsOf(session)?.destination.port ?? 0}`,
  bi: ({ session }) => session.upstreamEnds?.destination.address ?? '-',
  bp: ({ session }) => `${session.upstreamEnds?.destination.port ?? 0}`,
  si: ({ session }) => session.upstreamEnds?.source.address ?? '-',
  sp: ({ session }) => `${session.upstreamEnds?.source.port ?? 0}`,
  t: ({ session }) => logDate(session.acceptedAt),
  T: ({ session }) => logDate(session.acceptedAt, 'UTC'),
  Tl: ({ session }) => logDate(session.acceptedAt, 'offset'),
  Ts: ({ session }) => `${Math.floor(session.acceptedAt / 1_000)}`,
  ms: ({ session }) => `${Math.floor(session.acceptedAt % 1_000)}`.padStart(3, '0'),
  f: ({ session }) => session.frontend.name,
  ft: ({ session }) => session.frontend.name,
  b: ({ session }) => session.backend?.name ?? session.frontend.name,
  s: ({ session }) => session.lastServer?.name ?? '<NOSRV>',
  Tw: ({ session }) => (session.lastServer || session.backendQueue > 0 ? ms(session.queueMs) : '-1'),
  Tc: ({ session }) => (session.connectMs < 0 ? '-1' : ms(session.connectMs)),
  Tt: ({ totalMs }) => ms(totalMs),
  Tt_us: () => '-',
  B: ({ session }) => `${session.bytesOut}`,
  U: ({ session }) => `${session.bytesIn}`,
  ts: stateOf,
  // There are no cookies in TCP.
  tsc: (logged) => `${stateOf(logged)}--`,
  ac: ({ session }) => `${now(session.plane.process, shared.cur)}`,
  fc: ({ session }) => `${now(session.frontend.numbers, shared.cur)}`,
  bc: ({ session }) => `${others(session.backend?.numbers)}`,
  sc: ({ session }) =>
    `${session.server ? others(session.server.numbers) : now(session.lastServer?.numbers, shared.cur)}`,
  // A plus sign: the last try went to another server.
  rc: ({ session }) => `${session.isRedispatched ? '+' : ''}${session.retries}`,
  sq: ({ session }) => `${session.serverQueue}`,
  bq: ({ session }) => `${session.backendQueue}`,
  pid: () => `${process.pid}`,
  H: () => hostname(),
}

const endsOf = ({ ends, clientEnds }: Session) => ends ?? clientEnds

/** Who was ended from outside has no phase. */
function stateOf({ ending }: Logged): string {
  return /^[KDU]D$/.test(ending) ? `${ending[0]}-` : ending
}

/** A `log-format` as a function: `%ci`, `%[…]` and `%{+Q}x` as HAProxy has them, `%%` for a percent sign. */
export function compileFormat(text: string): Line {
  const parts = [...text.matchAll(/%%|%(?:\{([^}]*)\})?(?:\[[^\]]*\]|([A-Za-z_]+))|[^%]+|%/g)].map(partOf)
  return (logged) => parts.map((part) => (typeof part === 'string' ? part : part(logged))).join('')
}

function partOf([all, flags, name]: RegExpMatchArray): string | Line {
  if (all === '%%' || all === '%') return '%'
  if (!all.startsWith('%')) return all
  // What is written together with a variable (`%ci:%cp`, `%Tw/%Tc`) ends at the first letter that is not its name's.
  const known = name && (variables[name] ?? longestOf(name))
  const value: Line = typeof known === 'function' ? known : () => '-'
  return flags?.includes('+Q') ? (logged) => `"${value(logged)}"` : value
}

function longestOf(name: string): Line | undefined {
  for (let end = name.length - 1; end > 0; end--) {
    const variable = variables[name.slice(0, end)]
    if (variable) return (logged) => variable(logged) + name.slice(end)
  }
  return undefined
}
