import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { ListenerPlan, ListenFailure } from './plan.ts'
import type { Plane } from './plane.ts'
import { highWaterMark } from './session/relay.ts'

/** One address that a data thread listens on. Whose frontend it is may change while it listens. */
export class Listener {
  #plan: ListenerPlan
  readonly #plane: Plane
  readonly #reusePort: boolean
  #server: Server | undefined

  constructor(plan: ListenerPlan, plane: Plane, reusePort: boolean) {
    this.#plan = plan
    this.#plane = plane
    this.#reusePort = reusePort
  }

  get frontend(): string {
    return this.#plan.frontend
  }

  get acceptProxy(): boolean {
    return this.#plan.bind.acceptProxy
  }

  update(plan: ListenerPlan): void {
    this.#plan = plan
  }

  /** Listens; tells why it cannot. */
  async tryOpen(): Promise<ListenFailure | undefined> {
    try {
      await this.open()
      return undefined
    } catch (error) {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
      return { key: this.#plan.key, code, message }
    }
  }

  async open(): Promise<void> {
    if (this.#server) return
    // Paused: what the client sends is left in the kernel until there is a server to take it.
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, highWaterMark }
    const server = createServer(options, (socket: Socket) => this.#plane.accept(socket, this))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#options(), () => {
        server.off('error', reject)
        resolve()
      })
    })
    // EMFILE and the like: it goes on accepting when it can.
    server.on('error', ({ message }) => this.#plane.report({ type: 'warning', message }))
    this.#server = server
  }

  /** Takes no more connections; those that it has go on. */
  close(): void {
    // Not waited for: it calls back when the last connection has ended, and those may go on for long.
    this.#server?.close()
    this.#server = undefined
  }

  #options(): ListenOptions & { reusePort?: boolean } {
    const { bind, backlog } = this.#plan
    if ('path' in bind.at) return { path: bind.at.path, backlog }
    return { ...bind.at, backlog, ipv6Only: !bind.v4v6, ...(this.#reusePort && { reusePort: true }) }
  }
}
