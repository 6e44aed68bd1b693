import type { ConnectContext, Connector, Phase, ProbeContext, Verdict } from '@tourniquet/core'
import { RedisConnector, type RedisSource } from '@tourniquet/redis'
import type { RedisOptions } from 'ioredis'
import { type CommonQueueOptions, checkOptions } from './options.ts'
import { ProviderQueues, type Queues } from './queues.ts'
import { checkServer } from './server-check.ts'
import { verdictOf } from './verdict.ts'

/** A Redis server: its URL, or what of ioredis' options says where it is. As in `@tourniquet/redis`. */
export type BullMQSource = RedisSource

export interface BullMQConnectorOptions {
  /** BullMQ's own options, of every queue. */
  readonly queue?: CommonQueueOptions | undefined
  /** ioredis' own options, of every connection. */
  readonly redis?: RedisOptions | undefined
}

/** Opens queues on a server, all on one connection, which fails at once where the server does. */
export class BullMQConnector implements Connector<BullMQSource, Queues> {
  /** Of every queue. */
  readonly queue: CommonQueueOptions
  /** What opens the connection, and looks after the server. */
  readonly #redis: RedisConnector

  /** @throws InvalidError */
  constructor(options: BullMQConnectorOptions = {}) {
    checkOptions(options)
    this.queue = options.queue ?? {}
    this.#redis = new RedisConnector({ redis: options.redis })
  }

  async connect(source: BullMQSource, context: ConnectContext): Promise<Queues> {
    const { signal } = context
    const redis = await this.#redis.connect(source, context)
    const giveUp = () => void this.#redis.disconnect(redis)
    signal.addEventListener('abort', giveUp)
    try {
      signal.throwIfAborted()
      await checkServer(redis, this.id(source))
      signal.throwIfAborted()
    } catch (error) {
      giveUp()
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
    return new ProviderQueues(redis, this.queue)
  }

  async disconnect(queues: Queues): Promise<void> {
    ;(queues as ProviderQueues).close()
    await this.#redis.disconnect(queues.redis)
  }

  probe(queues: Queues, context: ProbeContext<BullMQSource>): Promise<void> {
    return this.#redis.probe(queues.redis, context)
  }

  judge(error: unknown, phase: Phase): Verdict | undefined {
    return this.#redis.judge(error, phase) ?? verdictOf(error)
  }

  id(source: BullMQSource): string {
    return this.#redis.id(source)
  }

  /** Throws if it does not say where a server is. Nothing is dialled. */
  assertSource(source: BullMQSource): void {
    this.#redis.assertSource(source)
  }

  /** What ioredis is told of a server. */
  redisOptions(source: BullMQSource): RedisOptions {
    return this.#redis.redisOptions(source)
  }
}
