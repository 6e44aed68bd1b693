import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { freePort, waitFor } from '../src/index.ts'

/** One end of a TCP connection, and all that has come to it. */
export class Peer {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  ended = false
  errorCode: string | undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
    })
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.errorCode = error.code
    })
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  /** Nothing has come: no byte, no end, no error. */
  get isUntouched(): boolean {
    return this.received.length === 0 && !this.ended && this.errorCode === undefined
  }

  async reads(text: string): Promise<void> {
    await waitFor(() => this.text === text, { what: `"${text}"` })
  }

  async isEnded(): Promise<void> {
    await waitFor(() => this.ended, { what: 'an end' })
  }

  async isReset(): Promise<void> {
    await waitFor(() => this.errorCode === 'ECONNRESET', { what: 'a reset' })
  }
}

/** A TCP server in this process: all it does by itself is accept. */
export class Target implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly peers: Peer[] = []
  port = 0
  readonly #server: Server

  constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.peers.push(new Peer(socket))
    })
  }

  async listen(): Promise<this> {
    this.port = await freePort()
    this.#server.listen(this.port, this.host)
    await once(this.#server, 'listening')
    return this
  }

  /** The target's end of its nth connection, from 0. */
  async peer(index = 0): Promise<Peer> {
    return await waitFor(() => this.peers[index], { what: `connection ${index} to the target` })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.peers) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

export async function connectTo(port: number): Promise<Peer> {
  const peer = new Peer(dial({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true }))
  await once(peer.socket, 'connect')
  return peer
}

/** What a connect to that port fails with. */
export async function connectError(port: number): Promise<string | undefined> {
  const failure = await connectTo(port).catch((error: NodeJS.ErrnoException) => error)
  return failure instanceof Error ? failure.code : undefined
}

/** Bytes that tell their own place, so that a lost or doubled one shows. */
export function bytesOf(length: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, index) => index)))
}

/** A round trip between two sockets of this process: what was under way before it has come. */
export async function roundTrip(): Promise<void> {
  await using target = await new Target().listen()
  const client = await connectTo(target.port)
  client.socket.write('x')
  await (await target.peer()).reads('x')
  client.socket.destroy()
}
