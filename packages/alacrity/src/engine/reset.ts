import type { Socket } from 'node:net'

/**
 * Breaks a connection off, so that the other side sees a reset. A UNIX socket, for which Node throws, and one whose
 * other side has gone, which both have no address, are closed.
 */
export function reset(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy()
  // While a FIN is being sent libuv refuses, and Node forgets the socket without closing it.
  else if (isEnding(socket)) socket.once('finish', () => reset(socket))
  else socket.resetAndDestroy()
}

function isEnding({ writableEnded, writableFinished, writableLength }: Socket): boolean {
  return writableEnded && !writableFinished && writableLength === 0
}
