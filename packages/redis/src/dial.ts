import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RedisAddress } from './source.ts'

/** Begins to connect to a server. */
export function dial({ path, host, port, family, tls }: RedisAddress): Socket {
  const where = (path ? { path } : { host, port, family }) as NetConnectOpts
  return tls ? connectTls({ ...where, ...tls }) : connectTcp(where)
}

/** Resolves once it is connected; with TLS, once that is agreed upon. */
export function dialled(address: RedisAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = dial(address)
    const giveUp = () => socket.destroy(signal.reason)
    const failed = (error: Error) => {
      signal.removeEventListener('abort', giveUp)
      reject(error)
    }
    signal.addEventListener('abort', giveUp)
    socket.once('error', failed)
    socket.once(address.tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.removeListener('error', failed)
      resolve(socket)
    })
  })
}

/** What is sent in this turn of the event loop leaves in one go: a thousand commands may have waited for the connection. */
export function inOneGo(socket: Pick<Socket, 'cork' | 'uncork'>): void {
  socket.cork()
  setImmediate(() => socket.uncork())
}
