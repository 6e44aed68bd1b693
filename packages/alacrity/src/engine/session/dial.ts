import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { ServerAddress } from '../plan.ts'
import type { Ends } from '../proxy-protocol/ends.ts'
import type { Server } from '../server.ts'
import { readingOf } from './reading.ts'
import { highWaterMark, type Owned, owner } from './relay.ts'
import type { Session } from './session.ts'

/** A socket on its way to a server; it tells the session how it went. */
export function dial(session: Session, server: Server, address: ServerAddress, keepAlive: boolean): Owned {
  const upstream = new Socket(optionsWith(keepAlive, readingOf(session))) as Owned
  upstream[owner] = session
  upstream.on('connect', onConnect)
  upstream.on('error', onUpstreamError)
  if ('path' in address) return upstream.connect({ path: address.path })
  const port = portOf(session, server, address.port)
  return upstream.connect({ host: address.host, port, autoSelectFamily: false })
}

/**
 * All of them belong here: what `connect` is told of `noDelay` and `keepAlive` it does not heed. The last three are what
 * `Socket` sets anyway; on Node 20, to add them to options that have them already is 10 µs quicker.
 */
function optionsWith(keepAlive: boolean, onread: OnReadOpts): SocketConstructorOpts {
  const options = {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive,
    onread,
    writableHighWaterMark: highWaterMark,
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  }
  return options
}

/** `server s 10.0.0.1` and `+1000` go by the port the client came to. */
function portOf({ client }: Session, { config }: Server, port: number): number {
  return config.portOffset === undefined ? port : ((client.localPort ?? 0) + config.portOffset) & 65_535
}

/** Who is at the two ends of a socket: whom it is from, and whom it is to. Nobody, if it has been closed. */
export function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends | undefined {
  if (remoteAddress === undefined || localAddress === undefined) return undefined
  return {
    source: { address: remoteAddress, port: remotePort as number },
    destination: { address: localAddress, port: localPort as number },
  }
}

function onConnect(this: Owned): void {
  this[owner]?.connecting?.connected()
}

function onUpstreamError(this: Owned, error: Error): void {
  const session = this[owner]
  // One of an earlier try may still say that it failed.
  if (session?.upstream === this) session.upstreamFailed(error)
}
