import { ClosedError } from '@tourniquet/core'
import type { PoolClient, PoolConfig, QueryResult } from 'pg'
import type { FailoverClient, FailoverClientConstructor } from './client.ts'
import type { AnyQuery, Home, HomePool } from './home.ts'
import type { Connected, InsideClient, InsidePool, PoolConstructor } from './inside.ts'
import { withDriverCode } from './lost.ts'
import { LeftError } from './server.ts'

/** A pool whose clients fail over. */
interface FailoverPool extends InsidePool, HomePool {
  end(): Promise<void>
  end(callback: () => void): void
}

export type FailoverPoolConstructor = new (config?: PoolConfig) => FailoverPool

type Answered = (error: Error | undefined, result?: QueryResult) => void

/**
 * The class of pools whose clients belong to `home`: one pool for all servers, so that who waits for a client waits for
 * that of whichever server is current.
 */
export function poolClass(home: Home, Client: FailoverClientConstructor): FailoverPoolConstructor {
  const Base = home.driver.Pool as unknown as PoolConstructor
  // Libraries look for "Pool" in the name of the class.
  return class FailoverPool extends Base implements FailoverPool {
    constructor(config?: PoolConfig) {
      super({ ...home.shared, ...config, Client: Client as unknown as NonNullable<PoolConfig['Client']> })
      home.pools.add(this)
    }

    override connect(): Promise<PoolClient>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<PoolClient> | undefined {
      if (!home.isClosed()) return callback ? (super.connect(callback) as undefined) : super.connect()
      const error = closed()
      if (!callback) return Promise.reject(error)
      process.nextTick(callback, error, undefined, () => {})
      return undefined
    }

    override query(query: unknown, values?: unknown, callback?: unknown): unknown {
      if (isForTheDriver(query)) return super.query(query, values, callback)
      const [given, answer] =
        typeof values === 'function' ? [undefined, values as Answered] : [values, callback as Answered | undefined]
      const answered = home.ask(this, query as AnyQuery, given).then(undefined, thrown)
      if (!answer) return this.Promise === Promise ? answered : this.Promise.resolve(answered)
      answered.then(
        (result) => process.nextTick(answer, undefined, result),
        (error) => process.nextTick(answer, error),
      )
      return undefined
    }

    override end(): Promise<void>
    override end(callback: () => void): void
    override end(callback?: () => void): Promise<void> | undefined {
      home.pools.delete(this)
      if (!this.ending) this.#giveUp()
      // One that was lost and not given back would be waited for.
      if (home.isClosed()) for (const client of this._clients) this.forget(client)
      return callback ? (super.end(callback) as undefined) : super.end()
    }

    forget(client: InsideClient): void {
      if (!this._clients.includes(client as FailoverClient)) return
      this._clients = this._clients.filter((each) => each !== client)
      this._pulseQueue()
    }

    turnAway(error: Error): void {
      for (const waiting of this._pendingQueue.splice(0)) process.nextTick(waiting.callback, error)
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      // One that was lost while it lay idle has cost nobody anything: that is no reason to end the process.
      const isNothing = event === 'error' && (this.listenerCount('error') === 0 || isPlanned(args[0]))
      return isNothing ? false : super.emit(event, ...args)
    }

    /** pg-pool would never answer those who wait for a client; nor those who wait for a connection to a server that is silent. */
    #giveUp(): void {
      const error = home.isClosed() ? closed() : new Error('Cannot use a pool after calling end on the pool')
      this.turnAway(error)
      for (const client of this._clients) client.giveUp(error)
    }
  }
}

function thrown(error: unknown): never {
  throw withDriverCode(error)
}

function isPlanned(error: unknown): boolean {
  return error instanceof LeftError && error.isPlanned
}

function closed(): ClosedError {
  return new ClosedError('the PgRoundRobin of this pool is closed; create another to go on')
}

/** What cannot be sent twice: a cursor, a stream; and what the pool refuses in its own words. */
function isForTheDriver(query: unknown): boolean {
  return query === null || typeof query !== 'object'
    ? typeof query !== 'string'
    : 'submit' in query && typeof query.submit === 'function'
}
