import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Listens, or does not, on one port of 127.0.0.1; connections it once accepted are not its business. */
export class PortListener {
  readonly #port: number
  readonly #accept: (socket: Socket) => void
  #server: Server | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(port: number, accept: (socket: Socket) => void) {
    this.#port = port
    this.#accept = accept
  }

  /**
   * Resolves once connections are accepted.
   *
   * @throws Error if somebody else took the port meanwhile
   */
  listen(): Promise<void> {
    return this.#afterLast(async () => {
      if (this.#server) return
      const server = createServer({ allowHalfOpen: true, noDelay: true }, this.#accept)
      server.listen({ host: '127.0.0.1', port: this.#port, exclusive: true })
      await once(server, 'listening')
      this.#server = server
    })
  }

  /** Resolves once connections are refused. */
  unlisten(): Promise<void> {
    return this.#afterLast(() => {
      this.#server?.close() // the port is given back at once; the event waits for the connections
      this.#server = undefined
    })
  }

  #afterLast(step: () => void | Promise<void>): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(step)
    return this.#last
  }
}
