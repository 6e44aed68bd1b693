import type { Backend } from '../backend.ts'
import { counted } from '../cells.ts'
import { tickMs } from '../wheel.ts'
import type { Session } from './session.ts'

/** How long each side of a connection may be silent, in milliseconds; for ever: infinity. */
interface Limits {
  readonly clientLimit: number
  readonly serverLimit: number
}

/** Its PROXY header should be there. Returns when to ask again. */
export function headerDue(session: Session, now: number): number {
  const limit = session.frontend.config.timeouts.client
  if (limit === undefined) return 0
  if (now >= session.activeAt + limit) session.end('cR')
  return session.activeAt + limit
}

/** Sets the time at which to look whether it is idle. */
export function watchIdle(session: Session): void {
  const { clientLimit, serverLimit } = limitsOf(session)
  const limit = Math.min(clientLimit, serverLimit)
  if (limit !== Number.POSITIVE_INFINITY) session.plane.wheel.set(session, session.activeAt + limit)
}

/** Neither side may have said anything for long. Returns when to ask again. */
export function idleDue(session: Session, now: number): number {
  const { clientLimit, serverLimit } = limitsOf(session)
  const clientUntil = (session.clientStalledAt || session.activeAt) + clientLimit
  const serverUntil = (session.upstreamStalledAt || session.activeAt) + serverLimit
  // A tick more: the time of the last activity is that of the tick before it.
  const until = Math.min(clientUntil, serverUntil) + tickMs
  if (now < until) return until === Number.POSITIVE_INFINITY ? 0 : until
  timedOut(session, clientUntil <= serverUntil)
  return 0
}

function timedOut(session: Session, isClient: boolean): void {
  for (const numbers of [session.backend?.numbers, session.server?.numbers])
    numbers?.add(isClient ? counted.cli_abrt : counted.srv_abrt, 1)
  session.end(isClient ? 'cD' : 'sD')
}

/** Once one side has ended, the other may have a time of its own (`client-fin`, `server-fin`). */
function limitsOf({ frontend, backend, clientHasEnded, upstreamHasEnded }: Session): Limits {
  const { timeouts: front } = frontend.config
  const { timeouts: back } = (backend as Backend).config
  const client = back.tunnel ?? front.client
  const server = back.tunnel ?? back.server
  return {
    clientLimit: (upstreamHasEnded ? (front.clientFin ?? client) : client) ?? Number.POSITIVE_INFINITY,
    serverLimit: (clientHasEnded ? (back.serverFin ?? server) : server) ?? Number.POSITIVE_INFINITY,
  }
}
