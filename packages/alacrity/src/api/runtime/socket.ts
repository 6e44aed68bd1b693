import { chmodSync } from 'node:fs'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { StatsSocket } from '../../config/model.ts'
import { freeSocketFile } from '../socket-file.ts'
import type { Watched } from '../watched.ts'
import { converse } from './conversation.ts'

/** A runtime socket that listens. */
export interface RuntimeSocket {
  readonly at: StatsSocket['at']
  /** Listens no more, ends its connections, and removes its file. */
  close(): Promise<void>
}

/**
 * Listens where a `stats socket` line says. A file nobody answers on is what a crash left: it is replaced.
 *
 * @throws Error that names the line: somebody else answers there, or one may not listen there
 */
export async function startRuntimeSocket(config: StatsSocket, watched: Watched): Promise<RuntimeSocket> {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const { statsSockets: sockets, statsTimeoutMs: timeoutMs } = watched.global
    converse(socket, { watched, sockets, level: config.level, timeoutMs })
  })
  try {
    if ('path' in config.at) await freeSocketFile(config.at.path)
    await listening(server, config)
  } catch (error) {
    throw problem(config, error as Error)
  }
  server.on('error', () => {}) // A client that cannot be accepted is no reason to end.
  return {
    at: config.at,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve()) // Node removes the file.
        for (const socket of open) socket.destroy()
      }),
  }
}

/** The file never is open to more than its mode says, not even for a moment. */
function listening(server: Server, config: StatsSocket): Promise<void> {
  const { at, mode } = config
  const where: ListenOptions = 'path' in at ? { path: at.path } : { host: at.host, port: at.port, exclusive: true }
  const before = mode === undefined || !('path' in at) ? undefined : process.umask(0o777)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      if (mode !== undefined && 'path' in at) chmodSync(at.path, mode)
      resolve()
    })
    if (before !== undefined) process.umask(before)
  })
}

function problem({ place }: StatsSocket, cause: Error): Error {
  return new Error(`${place.file}:${place.line}: stats socket: ${cause.message}`, { cause })
}
