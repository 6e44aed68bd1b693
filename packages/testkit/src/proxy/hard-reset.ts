import type { Socket } from 'node:net'

/** Ends a connection with RST, whatever state it is in. */
export function hardReset(socket: Socket): void {
  if (socket.destroyed) return
  if (socket.pending) socket.destroy()
  // The system refuses to reset while a FIN is being sent.
  else if (socket.writableEnded && !socket.writableFinished) socket.once('finish', () => hardReset(socket))
  else socket.resetAndDestroy()
}
