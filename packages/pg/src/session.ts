import type { ClientConfig } from 'pg'
import { type Dial, Dialling } from './dialling.ts'
import type { Driver } from './driver.ts'
import {
  activeOf,
  answerWhoWaits,
  type ClientConstructor,
  type ConnectionListener,
  type InsideClient,
  isQuiet,
  listenersOf,
  renew,
  silence,
  takeQueries,
  underWay,
} from './inside.ts'
import { isFatal, marked } from './verdict.ts'
import { Work } from './work.ts'

/** A client of pg that can be connected again where it could not be, notices its loss before anybody, and knows what it has done. */
export interface Session extends InsideClient {
  readonly work: Work
  /** Why its connection is gone. */
  readonly lostBy: Error | undefined
  /** Whether it may be handed to somebody else: nothing is under way, no transaction is open. */
  readonly isClean: boolean
  /** Whoever used it has ended, and waits no more for what is under way: that is in doubt. */
  abandoned(): void
  /** Connects. What it is asked before waits. Rejects, and nothing is open then. */
  dial(dial: Dial): Promise<void>
  /** Ends the connection at once: what is under way fails with this. */
  cut(why: Error): void
  /** Its connection is gone, and nobody here has ended it: told before any of its queries is. */
  onGone: ((error: Error) => void) | undefined
  /** Its server has refused a statement. */
  onRefusal: ((error: Error) => void) | undefined
  /** What a query is told that fails because the connection is gone. */
  told(error: Error, wasSent: boolean): Error
}

export type SessionConstructor = new (config?: string | ClientConfig) => Session

const ignore = (): void => {}
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
    /** Something was under way when its connection was lost. */
    #wasBusy = false
    /** While it is being connected. */
    #dialling: Dialling | undefined
    /** Who listened to its connection before there was one. */
    #listeners: readonly ConnectionListener[] | undefined
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

    async dial(dial: Dial): Promise<void> {
      dial.signal.throwIfAborted()
      this.#listeners ??= listenersOf(this.connection)
      silence(this.connection) // what its former one has still to say would be taken for the new one's
      renew(this, new Base({ ...dial.config, connectionTimeoutMillis: 0 }), this.#listeners)
      this.#lostBy = undefined
      this.#wasBusy = false
      this.#dialling = new Dialling(this.connection, dial, () => this.#connected())
      try {
        super.connect(ignore)
        await this.#dialling.done
      } finally {
        this.#dialling = undefined
      }
    }

    cut(why: Error): void {
      if (this.#dialling) this.#dialling.fail(why)
      // One that was never dialled has nobody who hears of an error: it would end the process.
      else this.connection.stream.on('error', ignore).destroy(why)
    }

    abandoned(): void {
      this.work.lost(underWay(this).map(({ text }) => text))
    }

    told(error: Error, wasSent: boolean): Error {
      return wasSent
        ? marked('suspect', error)
        : marked('next', new Error('the connection was lost before this was sent', { cause: error }))
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== 'error') return super.emit(event, ...args)
      if (this.#dialling) {
        this.#dialling.fail(args[0] as Error)
        return true
      }
      // A pool of pg-pool tells whoever asked it this, and not what his query is told.
      if (this.#wasBusy) args[0] = this.told(args[0] as Error, true)
      try {
        return super.emit(event, ...args)
      } catch (error) {
        // A pool that has nobody who listens to its errors passes them on to the process.
        if (error !== args[0]) throw error
        return true
      }
    }

    /** Before the driver hears of anything more. */
    #connected(): void {
      const { connection } = this
      this.#dialling = undefined
      const gone = (error?: Error) => {
        if (connection === this.connection) this.#gone(error ?? new Error('Connection terminated unexpectedly'))
      }
      connection.prependListener('error', gone)
      connection.prependListener('end', () => gone())
    }

    #gone(error: Error): void {
      if (this.#lostBy) return
      this.#lostBy = error
      answerWhoWaits(this.connection)
      if (!this._ending) this.onGone?.(error)
    }

    override _errorAllQueries(error: Error): void {
      const { sent, queued } = takeQueries(this)
      this.work.lost(sent.map(({ text }) => text))
      this.#wasBusy ||= this.#lostBy !== undefined && sent.length > 0
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
        const active = activeOf(this)
        if (active) this.work.failed(active.text)
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
