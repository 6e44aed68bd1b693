import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** A client of the balancer: what came, and how it ended. */
export class Client {
  readonly socket: Socket
  /** Of the whole connection: `end` for an orderly end, otherwise the error's code. */
  readonly over: Promise<{ readonly text: string; readonly how: string }>
  #received = ''
  #hasEnded = false
  #isOver = false

  constructor(port: number, options: Partial<NetConnectOpts> & { readonly localAddress?: string } = {}) {
    this.socket = connect({ allowHalfOpen: true, ...options, port, host: '127.0.0.1' } as NetConnectOpts)
    this.socket.setEncoding('latin1')
    this.socket.on('data', (chunk) => {
      this.#received += chunk
    })
    this.over = new Promise((resolve) => {
      const done = (how: string) => {
        this.#isOver = true
        resolve({ text: this.#received, how })
      }
      this.socket.on('end', () => {
        this.#hasEnded = true
        // Node 20 and 22 take a reset that comes together with data for an end; a write of nothing tells.
        if (this.socket.writableEnded) done('end')
        else this.socket.write('', (error) => done(error ? 'ECONNRESET' : 'end'))
      })
      this.socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'))
      this.socket.on('close', () => done('close'))
    })
  }

  get received(): string {
    return this.#received
  }

  /** In whatever way. */
  get isOver(): boolean {
    return this.#isOver
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }
}

/** Connects, reads to the end, and ends too. */
export async function readAll(port: number, options: ConstructorParameters<typeof Client>[1] = {}): Promise<string> {
  const client = new Client(port, options)
  const { text, how } = await client.over
  client.socket.destroy()
  return how === 'end' ? text : `${text}<${how}>`
}

/** Does nobody listen there? */
export async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return await new Promise((resolve) => {
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}
