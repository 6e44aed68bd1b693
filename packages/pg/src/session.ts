import { EventEmitter } from 'node:events'
import type { ClientConfig } from 'pg'
import type { Driver } from './driver.ts'
import {
  type ClientConstructor,
  type ConnectionListener,
  type InsideClient,
  type InsideConnection,
  isQuiet,
  listenersOf,
  renew,
  takeQueries,
} from './inside.ts'
import type { Server } from './server.ts'
import { isFatal, isReadOnlyError, marked } from './verdict.ts'
import { Work } from './work.ts'

/** What a server has said of itself before it was ready: `server_version`, `in_hot_standby` … */
export type Reported = Readonly<Record<string, string>>

/** How a session is begun. */
export interface Dial {
  readonly config: ClientConfig
  /** Gives it up. */
  readonly signal: AbortSignal
  /** What speaks against the server, from what it says of itself. */
  misfit(reported: Reported): Error | undefined
}

/** A client of pg that can be connected again where it could not be, notices its loss before anybody, and knows what it has done. */
export interface Session extends InsideClient {
  readonly work: Work
  /** Why its connection is gone. */
  readonly lostBy: Error | undefined
  /** Whether it may be handed to somebody else: nothing is under way, no transaction is open. */
  readonly isClean: boolean
  /** Connects. What it is asked before waits. Rejects, and nothing is open then. */
  dial(dial: Dial): Promise<void>
  /** Ends the connection at once: what is under way fails with this. */
  cut(why: Error): void
  /** The server that it is connected to, or was. */
  server: Server | undefined
  /** Its connection is gone, and nobody here has ended it: told before any of its queries is. */
  onGone: ((error: Error) => void) | undefined
  /** Its server has refused a statement. */
  onRefusal: ((error: Error) => void) | undefined
  /** What a query is told that fails because the connection is gone. */
  told(error: Error, wasSent: boolean): Error
}

export type SessionConstructor = new (config?: string | ClientConfig) => Session

const ignore = (): void => {}
const emit = EventEmitter.prototype.emit
const classes = new WeakMap<Driver, SessionConstructor>()

/** The class for one copy of the driver. */
export function sessionClass(pg: Driver): SessionConstructor {
  const known = classes.get(pg) ?? makeClass(pg)
  classes.set(pg, known)
  return known
}

function makeClass(pg: Driver): SessionConstructor {
  const Base = pg.Client as unknown as ClientConstructor
  return class extends Base implements Session {
    readonly work: Work = new Work()
    #lostBy: Error | undefined
    /** While it is being connected: gives up. */
    #fail: ((error: Error) => void) | undefined
    /** Who listened to its connection before there was one. */
    #listeners: readonly ConnectionListener[] | undefined
    server: Server | undefined
    onGone: ((error: Error) => void) | undefined
    onRefusal: ((error: Error) => void) | undefined

    constructor(config?: string | ClientConfig) {
      super(config)
      this.on('error', ignore) // pg's would end the process where nobody listens
    }

    get lostBy(): Error | undefined {
      return this.#lostBy
    }

    get isClean(): boolean {
      return this._queryable && !this._ending && isQuiet(this) && this.work.isIdle
    }

    dial({ config, signal, misfit }: Dial): Promise<void> {
      if (signal.aborted) return Promise.reject(signal.reason)
      this.#listeners ??= listenersOf(this.connection)
      renew(this, new Base({ ...config, connectionTimeoutMillis: 0 }), this.#listeners)
      this.#lostBy = undefined
      const { connection } = this
      return new Promise((resolve, reject) => {
        const giveUp = () => fail(signal.reason)
        const done = () => {
          signal.removeEventListener('abort', giveUp)
          this.#fail = undefined
        }
        const fail = (error: Error) => {
          done()
          connection.emit = () => false // whatever else it says, this client is on its way elsewhere
          connection.stream.destroy()
          reject(error)
        }
        const ready = (error: Error | undefined) => {
          if (error) return fail(error)
          done()
          this.#watch()
          resolve()
        }
        this.#fail = fail
        signal.addEventListener('abort', giveUp)
        gate(connection, { fail, ready: (reported) => ready(misfit(reported)) })
        super.connect(ignore)
      })
    }

    cut(why: Error): void {
      if (this.#fail) this.#fail(why)
      else if (this.connection.stream.destroyed) this.connection.stream.destroy()
      else this.connection.stream.destroy(why)
    }

    told(error: Error, wasSent: boolean): Error {
      return wasSent
        ? marked('suspect', error)
        : marked('next', new Error('the connection was lost before this was sent', { cause: error }))
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== 'error') return emit.call(this, event, ...args)
      if (this.#fail) {
        this.#fail(args[0] as Error)
        return true
      }
      try {
        return emit.call(this, event, ...args)
      } catch (error) {
        // A pool that has nobody who listens to its errors passes them on to the process.
        if (error !== args[0]) throw error
        return true
      }
    }

    #watch(): void {
      const { connection } = this
      connection.emit = emit
      const gone = (error?: Error) => {
        if (connection === this.connection) this.#gone(error ?? new Error('Connection terminated unexpectedly'))
      }
      connection.prependListener('error', gone)
      connection.prependListener('end', () => gone())
    }

    #gone(error: Error): void {
      if (this.#lostBy) return
      this.#lostBy = error
      if (!this._ending) this.onGone?.(error)
    }

    override _errorAllQueries(error: Error): void {
      const { sent, queued } = takeQueries(this)
      this.work.lost(sent.map(({ text }) => text))
      const { connection } = this
      const tell = (wasSent: boolean) => (query: (typeof sent)[number]) => {
        process.nextTick(() => query.handleError(this.told(error, wasSent), connection))
      }
      sent.forEach(tell(true))
      queued.forEach(tell(false))
    }

    override _handleErrorMessage(message: Error): void {
      if (isFatal(message)) {
        this.#gone(message)
        this._queryable = false
        this._errorAllQueries(message)
      } else {
        this.work.failed()
        if (isReadOnlyError(message)) sessions.set(message, this)
        this.onRefusal?.(message)
      }
      super._handleErrorMessage(message)
    }

    override _handleCommandComplete(message: { readonly text: string }): void {
      this.work.completed(message.text)
      super._handleCommandComplete(message)
    }

    override _handleReadyForQuery(message: { readonly status: string }): void {
      this.work.ready(message.status)
      super._handleReadyForQuery(message)
    }
  }
}

/** What a connection says before it is ready, to whoever connects it. */
interface Gate {
  fail(error: Error): void
  ready(reported: Reported): void
}

/**
 * Stands between a connection and pg's own handlers until it is ready: they would end the client for good with the first
 * server that cannot be reached.
 */
function gate(connection: InsideConnection, { fail, ready }: Gate): void {
  const reported: Record<string, string> = {}
  connection.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [first] = args as [Error & { parameterName: string; parameterValue: string }]
    if (event === 'error' || event === 'errorMessage') fail(first)
    else if (event === 'end') fail(endOf(connection))
    else {
      if (event === 'parameterStatus') reported[first.parameterName] = first.parameterValue
      if (event === 'readyForQuery') ready(reported)
      return connection.stream.destroyed || emit.call(connection, event, ...args)
    }
    return true
  }
}

/** Why a connection is closed: its server did it, or somebody here. */
function endOf({ stream }: InsideConnection): Error {
  if (stream.readableEnded || stream.errored) return new Error('Connection terminated unexpectedly')
  return new EndedHereError('timeout expired')
}

/** A connection was destroyed on this side before it was ready, as pg-pool does when it has waited for too long. */
export class EndedHereError extends Error {}

/** The session that a write was refused on. */
const sessions = new WeakMap<object, Session>()

export function sessionOf(error: unknown): Session | undefined {
  return sessions.get(error as object)
}
