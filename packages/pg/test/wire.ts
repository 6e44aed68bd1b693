import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '@tourniquet/testkit'

/** `up`: from the client. */
export type Way = 'up' | 'down'

/** Where a transaction's connection is cut: instead of passing its message of this number, counted from BEGIN. */
export interface Cut {
  readonly way: Way
  readonly at: number
}

/** A proxy that knows PostgreSQL's messages, and cuts the first connection that begins a transaction at one of them. */
export class Wire implements AsyncDisposable {
  readonly host: string = '127.0.0.1'
  readonly port: number
  /** The messages of transactions, by their type, since `seen` was last emptied. */
  readonly seen: Record<Way, string> = { up: '', down: '' }
  cut: Cut | undefined
  /** With the cut it goes away altogether. */
  isGoneThen = false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async start(target: number): Promise<Wire> {
    const wire = new Wire(target, await freePort())
    await once(wire.#server, 'listening')
    return wire
  }

  private constructor(target: number, port: number) {
    this.port = port
    this.#server = createServer((client) => this.#accept(client, connect(target, this.host))).listen(port, this.host)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(client: Socket, server: Socket): void {
    const pair = [client, server]
    const end = () => {
      for (const socket of pair) {
        socket.destroy()
        this.#sockets.delete(socket)
      }
    }
    const state = { isOpen: false, passed: { up: 0, down: 0 }, end }
    for (const socket of pair) this.#sockets.add(socket.on('error', end).on('close', end))
    client.on(
      'data',
      splitter(false, (message) => this.#pass('up', message, server, state)),
    )
    server.on(
      'data',
      splitter(true, (message) => this.#pass('down', message, client, state)),
    )
  }

  #pass(
    way: Way,
    message: Buffer,
    to: Socket,
    state: { isOpen: boolean; passed: Record<Way, number>; end(): void },
  ): void {
    state.isOpen ||= way === 'up' && message.toString('latin1', 0, 10) === 'Q\0\0\0\nbegin'
    if (to.destroyed) return
    if (state.isOpen) {
      if (this.cut?.way === way && this.cut.at === state.passed[way]) {
        this.#strike(state)
        return
      }
      state.passed[way]++
      this.seen[way] += String.fromCharCode(message[0] as number)
    }
    to.write(message)
  }

  #strike(connection: { end(): void }): void {
    this.cut = undefined
    connection.end()
    if (this.isGoneThen) void this[Symbol.asyncDispose]()
  }
}

/** Puts chunks together to messages: a type and a length, but for a client's first, which has no type. */
function splitter(isTyped: boolean, pass: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let header = isTyped ? 1 : 0
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= header + 4) {
      const length = header + rest.readInt32BE(header)
      if (rest.length < length) return
      pass(rest.subarray(0, length))
      rest = rest.subarray(length)
      header = 1
    }
  }
}
