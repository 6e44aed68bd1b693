import {
  type CloseOptions,
  InvalidError,
  RoundRobin,
  type RunContext,
  type RunFunction,
  type RunOptions,
} from '@tourniquet/core'
import type {
  Client,
  ClientBase,
  Pool,
  QueryArrayConfig,
  QueryArrayResult,
  QueryConfig,
  QueryResult,
  QueryResultRow,
} from 'pg'
import { type Attempted, ask, attempt } from './attempt.ts'
import { clientClass, type FailoverClient, type FailoverClientConstructor } from './client.ts'
import { PgConnector } from './connector.ts'
import type { Driver } from './driver.ts'
import type { Home } from './home.ts'
import type { InsidePool } from './inside.ts'
import { lease } from './lease.ts'
import { checkListen, Listener, type ListenHandler, type Listening } from './listener.ts'
import { type PgRoundRobinOptions, readSources, toSettings } from './options.ts'
import { type FailoverPoolConstructor, poolClass } from './pool.ts'
import type { TargetSessionAttrs } from './role.ts'
import { type Server, serverOf } from './server.ts'
import { addressOf, type PgSource } from './source.ts'
import { readTransactionOptions, type TransactionOptions, transact } from './transaction.ts'
import { marked } from './verdict.ts'

/** PostgreSQL over several servers: a pool that stays with one of them while it is up, and moves on as a whole. */
export class PgRoundRobin extends RoundRobin<PgSource, ClientBase> {
  /** A class of clients that connect to whichever server is current, for libraries that take one: `{ Client: rr.Client }`. */
  readonly Client: typeof Client
  /** The driver's module with `Client` and `Pool` that fail over, for libraries that take a driver. */
  readonly driver: Driver
  readonly #home: Home
  readonly #Client: FailoverClientConstructor
  readonly #Pool: FailoverPoolConstructor
  /** Whether a run may be given up before its server is left. */
  readonly #isLimited: boolean
  readonly #maxAttempts: number | undefined
  readonly #target: TargetSessionAttrs
  readonly #leaveFormer: () => void
  #pool: InsidePool | undefined
  #isClosed = false
  /** What `close` was told. */
  #closeMs: number | undefined

  /**
   * Nothing is connected before the first run, client or pool needs it.
   *
   * @param sources - a list, or one URL of libpq with many hosts, which may say `target_session_attrs`
   * @throws InvalidError where a source or an option is not as expected
   */
  constructor(sources: readonly PgSource[] | string, options: PgRoundRobinOptions = {}) {
    const read = readSources(sources)
    const { core, connector: about } = toSettings(options, read.said)
    const connector = options.connector ?? new PgConnector(about)
    checkSources(read.sources)
    super(read.sources, connector, core)
    connector.take()
    const never = Number.POSITIVE_INFINITY
    this.#isLimited = Math.min(core.deadlineMs ?? never, core.attemptTimeoutMs ?? never) < never
    this.#maxAttempts = core.maxAttempts
    this.#target = connector.target
    this.#home = this.#makeHome(connector, about.pool ?? {}, core.connectTimeoutMs ?? 5000)
    this.#Client = clientClass(this.#home)
    this.#Pool = poolClass(this.#home, this.#Client)
    this.Client = this.#Client as unknown as typeof Client
    this.driver = Object.create(connector.driver, {
      Client: { value: this.#Client, enumerable: true },
      Pool: { value: this.#Pool, enumerable: true },
    }) as Driver
    connector.drainMs = () => this.#closeMs ?? core.drainMs ?? 5000
    this.#leaveFormer = () => this.#leave(connector.servers)
    for (const event of ['fail', 'failover'] as const) this.on(event, this.#leaveFormer)
  }

  /** A `pg.Pool`, one for all servers. The same one each time, until it is ended; `run` and `query` use it too. */
  pool(): Pool {
    return this.#livePool() as unknown as Pool
  }

  /**
   * Runs one statement. Short for `run` with `client.query()`.
   *
   * @throws OutcomeUnknownError if its server was lost before it answered, unless `idempotent`
   */
  query<R extends unknown[] = unknown[]>(
    query: QueryArrayConfig,
    values?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryArrayResult<R>>
  // biome-ignore lint/suspicious/noExplicitAny: as the driver has it: what a row holds, its reader knows
  query<R extends QueryResultRow = any>(
    query: string | QueryConfig,
    values?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<R>>
  query(query: string | QueryConfig, values?: readonly unknown[], options?: RunOptions): Promise<unknown> {
    return this.#runIn(this.#livePool(), (at) => ask(at, query, values), options)
  }

  /** As in `@tourniquet/core`. */
  override connect(options?: RunOptions): Promise<PgSource> {
    return super.connect(this.#forBothRounds(options))
  }

  /** As in `@tourniquet/core`; `fn` gets a client of the pool, which is its own until what it returns settles. */
  override run<T>(fn: RunFunction<ClientBase, PgSource, T>, options?: RunOptions): Promise<T> {
    if (typeof fn !== 'function') return super.run(fn, options)
    return this.#runIn(
      this.#livePool(),
      (at, context) => attempt(at, (client) => lent(client, (each) => fn(each, context))),
      options,
    )
  }

  /**
   * Begins a transaction, gives it to `fn`, and commits it when what that returns resolves; rolls it back if that rejects.
   * The whole of it is run again elsewhere if its server is lost before COMMIT was sent.
   *
   * @throws OutcomeUnknownError if its server was lost after COMMIT was sent and before it answered, unless `idempotent`
   * @throws TourniquetError if the server rolled it back, since an error of one of its statements was not passed on
   */
  async transaction<T>(fn: RunFunction<ClientBase, PgSource, T>, options?: TransactionOptions): Promise<T> {
    const settings = readTransactionOptions(options)
    if (typeof fn !== 'function') throw new InvalidError(`transaction needs a function; got ${typeof fn}`)
    return await this.#runIn(
      this.#livePool(),
      (at, context) => attempt(at, (client) => transact(client, settings, (each) => fn(each, context))),
      settings.run,
    )
  }

  /**
   * Listens to a channel, on a connection of its own that follows the current server. Resolves when it listens; the handler
   * is told of each notification, and of each gap in which some may have been missed.
   *
   * @throws InvalidError; and as `run` does, if no server can be listened to
   */
  async listen(channel: string, handler: ListenHandler): Promise<Listening> {
    checkListen(channel, handler)
    const listener = new Listener(this.#home, this.#Client, channel, handler)
    await listener.start()
    return listener
  }

  /** As in `@tourniquet/core`. */
  override setSources(sources: readonly PgSource[]): void {
    checkSources(sources)
    super.setSources(sources)
    this.#leaveFormer()
  }

  /** As in `@tourniquet/core`. Its pools and clients are ended. */
  override async close(options?: CloseOptions): Promise<void> {
    this.#isClosed = true
    const { drainMs } = options ?? {}
    if (drainMs !== undefined) this.#closeMs = Math.min(this.#closeMs ?? drainMs, drainMs)
    await super.close(options)
    await Promise.all([...this.#home.pools].map((pool) => pool.end()))
  }

  #livePool(): InsidePool {
    if (!this.#pool || this.#pool.ending) this.#pool = new this.#Pool()
    return this.#pool
  }

  /** `work` in an attempt of a run. */
  #runIn<T>(
    pool: InsidePool,
    work: (at: Attempted, context: RunContext<PgSource>) => Promise<T>,
    options?: RunOptions,
  ): Promise<T> {
    const mayBeGivenUp = this.#isLimited || isLimit(options ?? {})
    const most = () => options?.maxAttempts ?? this.#maxAttempts ?? this.providers.length + 1
    return super.run((service, context) => {
      const { signal } = context
      return work({ pool, server: used(service), signal, mayBeGivenUp, most, isWell: this.#isWell }, context)
    }, this.#forBothRounds(options))
  }

  /** As libpq, prefer-standby asks each server twice: the first round is for a standby, the second for any. */
  #forBothRounds<O extends RunOptions>(options?: O): O | undefined {
    if (this.#target !== 'prefer-standby' || (options?.maxAttempts ?? this.#maxAttempts) !== undefined) return options
    return { ...options, maxAttempts: 2 * this.providers.length + 1 } as O
  }

  /** Nothing new goes to servers that were current, and are no more. */
  #leave(servers: ReadonlySet<Server>): void {
    const latest = [...servers].findLast(({ source }) => source === this.current)
    for (const server of servers) {
      if (server !== latest && server.isUsed) server.left()
    }
  }

  /** Whether a server is well where a session was lost: the engine asks it, and leaves it if it is not. */
  readonly #isWell = async (server: Server, lost: Error): Promise<boolean> => {
    let isAsked = false
    const ask = (current: Server): Promise<void> => {
      if (isAsked || current !== server) return Promise.resolve()
      isAsked = true
      return Promise.reject(marked('suspect', new Error(`a session with ${server.id} was lost`, { cause: lost })))
    }
    await this.#home.runOn(ask, { idempotent: true, signal: server.leaving }).catch(() => {})
    return !server.isLeft
  }

  #makeHome({ driver }: PgConnector, shared: Home['shared'], connectTimeoutMs: number): Home {
    const runOn: Home['runOn'] = (work, options) =>
      super.run((service, context) => work(used(service), context), this.#forBothRounds(options))
    return {
      driver,
      shared,
      connectTimeoutMs,
      exhausted: undefined,
      pools: new Set(),
      isClosed: () => this.#isClosed,
      runOn,
      ask: (pool, query, values) => this.#runIn(pool, (at) => ask(at, query, values)),
      tell: (server, error) => {
        const tell = (current: Server) => (current === server ? Promise.reject(error) : Promise.resolve())
        runOn(tell, { idempotent: true, signal: server.leaving }).catch(() => {})
      },
    }
  }
}

/** The server that runs go to. */
function used(service: ClientBase): Server {
  const server = serverOf(service as Client)
  server.isUsed = true
  return server
}

async function lent<T>(client: FailoverClient, work: (client: ClientBase) => T | PromiseLike<T>): Promise<T> {
  const lending = lease(client, 'a run')
  try {
    return await work(lending.client)
  } finally {
    lending.end()
  }
}

function isLimit({ signal, deadlineMs, attemptTimeoutMs }: RunOptions): boolean {
  return signal !== undefined || deadlineMs !== undefined || attemptTimeoutMs !== undefined
}

/** @throws InvalidError */
function checkSources(sources: readonly PgSource[]): void {
  if (Array.isArray(sources)) for (const source of sources) addressOf(source) // core says what else is wrong
}
