import type { Socket } from 'node:net'
import type { Session } from './session.ts'

/**
 * Copies bytes from a client to its server; back, the server's socket does (`readingOf`). All sockets share these few listeners, and find their
 * session on themselves: a connection costs no closures.
 */
export const owner: unique symbol = Symbol('session')

export type Owned = Socket & { [owner]?: Session }

/** So much may wait to be written to one side, beyond what the kernel takes, before the other side is no longer read. */
export const highWaterMark = 128 * 1024

/**
 * Node 20 and 22 read an RST that comes together with data as a clean end: whether it was one, a write of no bytes
 * tells.
 */
const mistakesResets = Number(process.versions.node.split('.')[0]) < 24

const nothing = Buffer.alloc(0)

export function relay(session: Session): void {
  const client = session.client
  const upstream = session.upstream as Owned
  client.on('data', onClientData)
  client.on('drain', onClientDrain)
  client.on('end', onClientEnd)
  upstream.on('drain', onUpstreamDrain)
  upstream.on('end', onUpstreamEnd)
  client.resume()
  upstream.resume()
}

function onClientData(this: Owned, chunk: Buffer): void {
  const session = this[owner] as Session
  const upstream = session.upstream as Owned
  session.activeAt = session.now
  if (upstream.write(chunk)) return
  this.pause()
  session.upstreamStalledAt = session.now
}

function onClientDrain(this: Owned): void {
  const session = this[owner] as Session
  session.clientStalledAt = 0
  session.activeAt = session.now
  session.upstream?.resume()
}

function onUpstreamDrain(this: Owned): void {
  const session = this[owner] as Session
  session.upstreamStalledAt = 0
  session.activeAt = session.now
  session.client.resume()
}

function onClientEnd(this: Owned): void {
  const session = this[owner] as Session
  if (mistakesResets && !this.writableEnded) this.write(nothing, (error) => session.clientEnded(error))
  else session.clientEnded()
}

function onUpstreamEnd(this: Owned): void {
  const session = this[owner] as Session
  if (mistakesResets && !this.writableEnded) this.write(nothing, (error) => session.upstreamEnded(error))
  else session.upstreamEnded()
}
