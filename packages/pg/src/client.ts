import { ExhaustedError, TourniquetError } from '@tourniquet/core'
import type { Client, ClientConfig } from 'pg'
import { EndedHereError } from './dialling.ts'
import type { Home } from './home.ts'
import { isIdleInPool } from './inside.ts'
import { lostError, withDriverCode } from './lost.ts'
import type { Follower, Server } from './server.ts'
import { type Session, sessionClass } from './session.ts'
import { dialVerdict, isReadOnlyError, marked, verdictOf } from './verdict.ts'
import { withoutUndefined } from './without-undefined.ts'

/** A client of pg that connects to whichever server is current. Like any, it is of no use once its connection is lost. */
export interface FailoverClient extends Session {
  /** While a run of this package uses it: what fails is told as the driver said it, and the run draws the consequences. */
  isInRun: boolean
  /** The server that it is connected to, or was. */
  readonly server: Server | undefined
  /** Nothing new goes to its server. */
  onLeft: (() => void) | undefined
  /** Connects to this server, and no other. */
  connectTo(server: Server, signal: AbortSignal): Promise<void>
  /** Ends what it waits for, if it is not connected yet. */
  giveUp(why: Error): void
  /** What a pool gives it, when it hands it out. */
  release(error?: Error | boolean): void
}

export type FailoverClientConstructor = new (config?: string | ClientConfig) => FailoverClient

type Callback = (error: Error | null, client?: Client) => void

/** The class whose clients belong to `home`. */
export function clientClass(home: Home): FailoverClientConstructor {
  const Base = sessionClass(home.driver)
  return class FailoverClient extends Base implements Follower {
    isInRun = false
    server: Server | undefined
    onLeft: (() => void) | undefined
    declare release: (error?: Error | boolean) => void
    readonly #given: ClientConfig
    /** Ends what it waits for. */
    readonly #ending: AbortController = new AbortController()
    #isConnecting = false
    /** And whoever has asked for it knows. */
    #isConnected = false
    #leaving: Promise<void> | undefined

    constructor(config?: string | ClientConfig) {
      const given = withoutPlace(config)
      super({ ...home.shared, ...given })
      this.#given = given
      this.onGone = (error) => this.server?.doubted(error)
      this.onRefusal = (error) => {
        if (!isReadOnlyError(error) && verdictOf(error, 'run') !== 'next') return
        this.server?.refused(error)
        if (this.server && !this.isInRun) home.tell(this.server, error)
      }
    }

    override connect(): Promise<Client>
    override connect(callback: Callback): void
    override connect(callback?: Callback): Promise<Client> | undefined {
      const connecting = this.#connect()
      if (!callback) return connecting
      // What it throws is its own: as with pg, nobody catches that.
      connecting.then(
        () => process.nextTick(callback, null, this),
        (error) => process.nextTick(callback, error),
      )
      return undefined
    }

    override end(): Promise<void>
    override end(callback: (error: Error) => void): void
    override end(callback?: (error: Error) => void): Promise<void> | undefined {
      const why = new Error('Connection terminated')
      this.giveUp(why)
      const isUp = this.server !== undefined && !this.connection.stream.destroyed
      if (!isUp) {
        this.#answerNothing(why)
        if (!callback) return Promise.resolve()
        process.nextTick(callback)
        return undefined
      }
      const ended = super.end()
      // A server that is down does not answer a goodbye.
      if (this.server?.isDown) this.connection.stream.destroy()
      if (!callback) return ended
      void ended.then(() => process.nextTick(callback))
      return undefined
    }

    override told(error: Error, wasSent: boolean): Error {
      return this.isInRun ? super.told(error, wasSent) : lostError(error, wasSent, this.server?.id)
    }

    giveUp(why: Error): void {
      this.#ending.abort(why)
    }

    left(why: Error): void {
      this.onLeft?.()
      // A pool drops it when it is released, as if it had been used often enough.
      this._poolUseCount = Number.POSITIVE_INFINITY
      if (this.#isIdle) {
        this.emit('error', why)
        this.cut(why)
      } else for (const pool of home.pools) pool.forget(this)
    }

    /** Whether nobody uses it, in a pool or without one: Sequelize has a pool of its own, which would lend it again. */
    get #isIdle(): boolean {
      const isAlone = this.#isConnected && this.release === undefined && !this.onLeft && !this.isInRun
      return !this._ending && (isIdleInPool(this) || (isAlone && this.isClean))
    }

    leave(why: Error, withinMs: number): Promise<void> {
      this.#leaving ??= this.#leave(why, withinMs)
      return this.#leaving
    }

    #leave(why: Error, withinMs: number): Promise<void> {
      if (this.isInRun) this.cut(why) // the engine has waited for runs
      if (this.connection.stream.destroyed) return Promise.resolve()
      const timer = setTimeout(() => this.cut(why), Math.min(withinMs, 2 ** 31 - 1))
      return new Promise((resolve) => {
        this.connection.once('end', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    }

    async #connect(): Promise<this> {
      if (this.#isConnecting) throw new Error('Client has already been connected. You cannot reuse a client.')
      this.#isConnecting = true
      const known = home.exhausted
      try {
        if (known) throw await nextTurn(known)
        await this.#connectInTime()
        setImmediate(() => {
          this.#isConnected = true
        })
        return this
      } catch (error) {
        if (error instanceof TourniquetError) asOfConnect(error)
        if (error instanceof ExhaustedError && error !== known) shareExhaustion(home, error)
        this.#answerNothing(error as Error)
        throw error
      }
    }

    /** It will never be connected, or is no more: what it was asked, and will be, fails. */
    #answerNothing(why: Error): void {
      this._queryable = false
      this._errorAllQueries(why)
    }

    async #connectInTime(): Promise<void> {
      const { connectionTimeoutMillis: ms } = { ...home.shared, ...this.#given }
      const giveUp = () => this.giveUp(new Error('timeout expired'))
      const timer = ms ? setTimeout(giveUp, ms) : undefined
      try {
        await home.runOn((server, { signal }) => this.connectTo(server, signal), {
          idempotent: true, // to begin a session changes nothing
          signal: this.#ending.signal,
          attemptTimeoutMs: home.connectTimeoutMs,
        })
      } finally {
        clearTimeout(timer)
      }
    }

    async connectTo(server: Server, signal: AbortSignal): Promise<void> {
      // Whoever has lost a session there has not asked what that means.
      if (server.doubt) throw server.doubt
      try {
        const config = { ...home.shared, ...this.#given, ...server.address }
        await this.dial({ config, signal, misfit: server.misfit })
      } catch (error) {
        throw judged(error, server, signal)
      }
      this.server = server
      if (server.isLeft) {
        const why = new Error(`${server.id} was left while it was connected to`)
        this.cut(why)
        throw marked('next', why)
      }
      server.clients.add(this)
      this.connection.once('end', () => server.clients.delete(this))
    }
  }
}

/** Where a server is and who asks, the sources say. */
function withoutPlace(config: string | ClientConfig | undefined): ClientConfig {
  if (typeof config !== 'object') return {}
  const { connectionString: _, host: __, port: ___, ...rest } = config
  return withoutUndefined(rest)
}

/** Why a session could not be begun. It was ended on this side: then the server was too slow, and is asked why. */
function judged(error: unknown, server: Server, signal: AbortSignal): unknown {
  if (typeof error !== 'object' || error === null) return error
  // It was given up: nothing was asked of the server.
  if (error instanceof TourniquetError) return marked('next', error)
  if (signal.aborted && error === signal.reason) return error // its user's own reason says nothing of the server
  if (!(error instanceof EndedHereError)) return marked(dialVerdict(error), error)
  server.doubt ??= marked('suspect', error)
  return marked('caller', new Error(error.message))
}

/** Whoever tries again at once, as a loop does, must not keep the event loop from turning. */
function nextTurn(error: unknown): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve, error))
}

/** To connect was all that was done, so it is safe to do again: the engine cannot know. The code is the driver's. */
function asOfConnect(error: TourniquetError): void {
  Object.assign(withDriverCode(error), { outcome: 'not-applied' })
}

/** All who have waited for the same are told the same, each without a dial of his own. */
function shareExhaustion(home: Home, error: ExhaustedError): void {
  if (home.exhausted) return
  home.exhausted = error
  for (const pool of home.pools) pool.turnAway(error)
  setImmediate(() => {
    home.exhausted = undefined
  })
}
