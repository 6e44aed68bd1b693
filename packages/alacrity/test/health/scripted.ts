import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { freePort, startCertificateAuthority, startServer, waitFor } from '@tourniquet/testkit'

type Piece = string | Uint8Array

/** How a little server treats whoever connects. */
export interface Behaviour {
  /** Says these, one after the other with a moment between, once something has come. */
  readonly says?: readonly (Piece | readonly Piece[])[]
  /** Only one at a time, each once something has come: a dialogue. One in pieces is an array. */
  readonly each?: boolean
  /** It does not wait for that. */
  readonly first?: boolean
  /** What it does once all is said. Default: it stays. */
  readonly ends?: 'stay' | 'fin' | 'rst'
  /** Talks TLS. */
  readonly tls?: boolean
  /** It does not listen, or its machine does not answer. */
  readonly absent?: 'refused' | 'dark'
}

export interface Scripted extends AsyncDisposable {
  readonly port: number
  /** All that came, of all connections. */
  readonly heard: Buffer[]
  /** How connections ended, as the server saw it: `fin`, or an error's code. */
  readonly ends: string[]
}

type Ears = Pick<Scripted, 'heard' | 'ends'>

export async function startScripted(behaviour: Behaviour): Promise<Scripted> {
  const port = await freePort()
  const ears: Ears = { heard: [], ends: [] }
  if (behaviour.absent === 'refused') return { port, ...ears, [Symbol.asyncDispose]: async () => {} }
  if (behaviour.absent === 'dark') return { port, ...ears, [Symbol.asyncDispose]: await startDark(port) }
  const sockets = new Set<Socket>()
  const serve = (socket: Socket): void => {
    attend(socket, behaviour, ears)
  }
  const server = behaviour.tls === true ? await tlsServer(serve) : createServer({ allowHalfOpen: true }, serve)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  server.listen(port, '127.0.0.1')
  await waitFor(() => server.listening)
  const dispose = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port, ...ears, [Symbol.asyncDispose]: dispose }
}

async function tlsServer(serve: (socket: Socket) => void): Promise<Server> {
  using authority = await startCertificateAuthority()
  const { cert, key } = await authority.issue()
  const server = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key), allowHalfOpen: true }, serve)
  return server.on('tlsClientError', () => {})
}

function attend(socket: Socket, behaviour: Behaviour, { heard, ends }: Ears): void {
  const { says = [], each = false, first = false } = behaviour
  const turns = each ? says.map((words) => [words].flat()) : [says.flat()]
  const take = (): void => {
    const pieces = turns.shift()
    if (pieces !== undefined) void play(socket, pieces, turns.length === 0 ? behaviour.ends : 'stay')
  }
  socket.setNoDelay()
  socket.on('data', (bytes: Buffer) => {
    heard.push(bytes)
    take()
  })
  socket.on('end', () => {
    ends.push('fin')
    socket.end()
  })
  socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => ends.push(code))
  if (first) take()
}

async function play(socket: Socket, pieces: readonly Piece[], ends: Behaviour['ends']): Promise<void> {
  for (const [at, words] of pieces.entries()) {
    if (at > 0) await pause(30) // long enough to be read as a piece of its own
    socket.write(words)
  }
  if (ends === 'fin') socket.end()
  if (ends !== 'rst') return
  await pause(300) // not before the other side knows that it is connected, and has read what was said
  socket.resetAndDestroy()
}

const listener = `require('node:net')
  .createServer((socket) => socket.destroy())
  .listen({ port: PORT, host: '127.0.0.1', backlog: 1 })`

/** Nobody accepts, and the queue is full: what comes is dropped, as by a machine that is gone. */
async function startDark(port: number): Promise<() => Promise<void>> {
  const args = ['-e', listener.replace('PORT', String(port))]
  // Its queue is empty once it has let us go.
  const ready = async (): Promise<unknown> => await once(connect(port, '127.0.0.1').resume(), 'close')
  const server = await startServer({ command: process.execPath, args, port, ready })
  await server.freeze()
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await waitFor(() => fillers.filter((filler) => !filler.connecting).length >= 2)
  return async () => {
    for (const filler of fillers) filler.destroy()
    await server.kill()
  }
}
