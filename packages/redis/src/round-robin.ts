import { type CloseOptions, InvalidError, RoundRobin, type RunFunction, type RunOptions } from '@tourniquet/core'
import type { ChainableCommander, Redis, RedisOptions } from 'ioredis'
import { RedisConnector } from './connector.ts'
import { FailoverClient, type FailoverRedis } from './failover-client.ts'
import type { Home } from './home.ts'
import { type RedisRoundRobinOptions, toSettings } from './options.ts'
import { checkClientOptions } from './ours.ts'
import type { ProviderClient } from './provider-client.ts'
import { addressOf, idOf, type RedisSource } from './source.ts'
import { type BatchResult, runPipeline, runTransaction } from './unit.ts'

/** Redis over several servers that serve the same: clients stay with one of them while it is up, and move on together. */
export class RedisRoundRobin extends RoundRobin<RedisSource, Redis> {
  readonly #connector: RedisConnector
  readonly #redis: RedisOptions
  /** That of all sources: a client selects it, and what its user selects after that. */
  readonly #db: number
  readonly #home: Home
  #isClosed = false
  /** What `close` was told. */
  #closeMs: number | undefined

  /**
   * Nothing is connected before the first run, or the first client.
   *
   * @throws InvalidError where a source or an option is not as expected
   */
  constructor(sources: readonly RedisSource[], options: RedisRoundRobinOptions = {}) {
    const settings = toSettings(options)
    const { connector = new RedisConnector(settings.connector) } = options
    checkSources(sources, connector, settings.connector.redis)
    super(sources, connector, settings.core)
    this.#connector = connector
    this.#redis = settings.connector.redis ?? {}
    this.#db = dbOf(sources[0] as RedisSource, this.#redis)
    this.#home = this.#makeHome(settings.core)
  }

  /**
   * A client of ioredis whose connection is always one to the current provider. It connects at once, as any does; with
   * `lazyConnect`, at its first command.
   *
   * @param options - ioredis' own, on top of the option `redis`
   * @throws InvalidError
   */
  client(options: Partial<RedisOptions> = {}): FailoverRedis {
    checkClientOptions(options)
    return new FailoverClient(this.#home, { ...this.#redis, db: this.#db, ...options })
  }

  /**
   * Sends a pipeline, as one operation on one provider. Short for `run` with `redis.pipeline()` and `exec()`.
   *
   * @throws OutcomeUnknownError if its provider was lost when it had answered a part of it or nothing, unless `idempotent`
   */
  pipeline(build: (pipeline: ChainableCommander) => unknown, options?: RunOptions): Promise<BatchResult> {
    return this.run((redis) => runPipeline(redis, build, this.#connector.role), options)
  }

  /**
   * Sends a MULTI with its commands and EXEC, as one operation on one provider. Short for `run` with `redis.multi()` and
   * `exec()`. Resolves to what they have answered; to null if a WATCH has stopped it.
   *
   * @throws OutcomeUnknownError if its provider was lost before it answered, unless `idempotent`
   */
  transaction(build: (transaction: ChainableCommander) => unknown, options?: RunOptions): Promise<BatchResult | null> {
    return this.run((redis) => runTransaction(redis, build), options)
  }

  /** As in `@tourniquet/core`; `fn` gets a client of the current provider, which fails as soon as its connection does. */
  override run<T>(fn: RunFunction<Redis, RedisSource, T>, options?: RunOptions): Promise<T> {
    return super.run((service, context) => fn((service as ProviderClient).unit(), context), options)
  }

  /** As in `@tourniquet/core`. */
  override setSources(sources: readonly RedisSource[]): void {
    checkSources(sources, this.#connector, this.#redis, this.#db)
    super.setSources(sources)
  }

  /** As in `@tourniquet/core`. Its clients are ended. */
  override close(options?: CloseOptions): Promise<void> {
    this.#isClosed = true
    this.#closeMs ??= options?.drainMs
    return super.close(options)
  }

  #makeHome({
    idempotent = false,
    maxAttempts,
    backoff = {},
    connectTimeoutMs = 5000,
    drainMs = 5000,
  }: RedisRoundRobinOptions): Home {
    return {
      role: this.#connector.role,
      idempotent,
      connectTimeoutMs,
      drainMs: () => this.#closeMs ?? drainMs,
      isClosed: () => this.#isClosed,
      size: () => this.providers.length,
      // As the engine does between its rounds.
      backoffMs: (rounds) =>
        Math.random() * Math.min(backoff.maxMs ?? 5000, (backoff.initialMs ?? 50) * 2 ** (rounds - 1)),
      maxAttempts: () => maxAttempts ?? this.providers.length + 1,
      on: (event, listener) => this.on(event, listener),
      runOn: (work, options) => super.run((service, context) => work(service as ProviderClient, context), options),
    }
  }
}

/** @throws InvalidError */
function checkSources(
  sources: readonly RedisSource[],
  connector: RedisConnector,
  shared?: RedisOptions,
  db?: number,
): void {
  if (!Array.isArray(sources)) return // core says so
  for (const source of sources) connector.assertSource(source)
  const expected = db ?? dbOf(sources[0], shared)
  const other = sources.find((source) => dbOf(source, shared) !== expected)
  if (other === undefined) return
  throw new InvalidError(`all sources must have the same db, ${expected}; ${idOf(other)} has ${dbOf(other, shared)}`)
}

function dbOf(source: RedisSource, shared?: RedisOptions): number {
  return addressOf(source, shared).db
}
