import { InvalidError, type Options } from '@tourniquet/core'
import type { QueueOptions } from 'bullmq'
import type { RedisOptions } from 'ioredis'
import type { BullMQConnector, BullMQConnectorOptions } from './connector.ts'

/** BullMQ's own options, of every queue: `prefix`, `defaultJobOptions`, `streams`, `telemetry` … The sources say where. */
export type CommonQueueOptions = Omit<QueueOptions, 'connection'>

/** All options of `@tourniquet/core`, with `heartbeatMs` 5000 by default, and those of BullMQ. */
export interface BullMQRoundRobinOptions extends Options {
  /** BullMQ's own options, of every queue, such as `{ defaultJobOptions: { attempts: 3 } }`. */
  readonly queue?: CommonQueueOptions | undefined
  /** ioredis' own options, of every connection, such as `{ tls: { ca } }`. */
  readonly redis?: RedisOptions | undefined
  /** One of your own, in place of what `queue` and `redis` make. */
  readonly connector?: BullMQConnector | undefined
}

/** What each part is told. */
export interface BullMQSettings {
  readonly core: Options
  readonly connector: BullMQConnectorOptions
}

/** @throws InvalidError that names the option which is not what it must be */
export function toSettings(given: BullMQRoundRobinOptions): BullMQSettings {
  if (typeof given !== 'object' || given === null)
    throw new InvalidError(`options must be an object; got ${typeof given}`)
  const { queue, redis, connector, ...core } = given
  checkOptions({ queue, redis })
  const other = connector && (queue ? 'queue' : redis && 'redis')
  if (other) throw new InvalidError(`${other} cannot be set beside connector: give it to that`)
  return { core: { heartbeatMs: 5000, ...withoutUndefined(core) }, connector: { queue, redis } }
}

/** @throws InvalidError that names the option which is not what it must be */
export function checkOptions({ queue, redis }: Pick<BullMQRoundRobinOptions, 'queue' | 'redis'>): void {
  if (queue !== undefined) {
    if (typeof queue !== 'object' || queue === null)
      throw new InvalidError(`queue must be an object of BullMQ's options of a queue; got ${typeof queue}`)
    if ('connection' in queue)
      throw new InvalidError('queue.connection cannot be set: the sources say where the servers are')
  }
  if (redis?.keyPrefix !== undefined)
    throw new InvalidError('redis.keyPrefix cannot be set: BullMQ does not work with it. Use queue.prefix')
}

/** What of them is also of workers, and of what adds flows. */
export function commonOf({ prefix, telemetry }: CommonQueueOptions): Pick<CommonQueueOptions, 'prefix' | 'telemetry'> {
  return { ...(prefix === undefined ? {} : { prefix }), ...(telemetry === undefined ? {} : { telemetry }) }
}

/** @throws InvalidError */
export function checkDrainMs(drainMs: unknown): void {
  if (drainMs === undefined || (typeof drainMs === 'number' && drainMs >= 0)) return
  throw new InvalidError(`drainMs must be a time in milliseconds from 0; got ${String(drainMs)}`)
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
