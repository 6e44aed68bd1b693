import { EventEmitter } from 'node:events'
import type { ClientConfig } from 'pg'
import { type InsideConnection, silence } from './inside.ts'

/** What a server has said of itself before it was ready: `server_version`, `in_hot_standby` … */
type Reported = Readonly<Record<string, string>>

/** How a session is begun. */
export interface Dial {
  readonly config: ClientConfig
  /** Gives it up. */
  readonly signal: AbortSignal
  /** What speaks against the server, from what it says of itself. */
  misfit(reported: Reported): Error | undefined
}

const emit = Reflect.get(EventEmitter.prototype, 'emit') as EventEmitter['emit']

/**
 * Stands between a connection and the driver's own handlers until it is ready: they would end the client for good with the
 * first server that cannot be reached.
 */
export class Dialling {
  /** Resolves when it is ready. Rejects, and nothing is open then. */
  readonly done: Promise<void>
  readonly #connection: InsideConnection
  readonly #dial: Dial
  readonly #reported: Record<string, string> = {}
  readonly #giveUp = () => this.fail(this.#dial.signal.reason as Error)
  readonly #ready: () => void
  #resolve!: () => void
  #reject!: (error: Error) => void

  /** @param ready - called at once when it is; what comes next on the connection is the driver's */
  constructor(connection: InsideConnection, dial: Dial, ready: () => void) {
    this.#connection = connection
    this.#dial = dial
    this.#ready = ready
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    dial.signal.addEventListener('abort', this.#giveUp)
    connection.emit = (event, ...args) => this.#hear(event, args)
  }

  fail(error: Error): void {
    const connection = this.#connection
    this.#end()
    silence(connection) // whatever else it says, the client is on its way elsewhere
    connection.stream.destroy()
    this.#reject(error)
  }

  #hear(event: string | symbol, args: unknown[]): boolean {
    const connection = this.#connection
    const [first] = args as [Error & { parameterName: string; parameterValue: string }]
    if (event === 'error' || event === 'errorMessage') this.fail(first)
    else if (event === 'end') this.fail(endOf(connection))
    else {
      if (event === 'parameterStatus') this.#reported[first.parameterName] = first.parameterValue
      if (event === 'readyForQuery') this.#isReady()
      return connection.stream.destroyed || emit.call(connection, event, ...args)
    }
    return true
  }

  #isReady(): void {
    const misfit = this.#dial.misfit(this.#reported)
    if (misfit) {
      this.fail(misfit)
      return
    }
    this.#end()
    this.#connection.emit = emit
    this.#ready()
    this.#resolve()
  }

  #end(): void {
    this.#dial.signal.removeEventListener('abort', this.#giveUp)
  }
}

/** Why a connection is closed: its server did it, or somebody here. */
function endOf({ stream }: InsideConnection): Error {
  if (stream.readableEnded || stream.errored) return new Error('Connection terminated unexpectedly')
  return new EndedHereError('timeout expired')
}

/** A connection was destroyed on this side before it was ready, as pg-pool does when it has waited for too long. */
export class EndedHereError extends Error {}
