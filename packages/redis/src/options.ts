import { InvalidError, type Options } from '@tourniquet/core'
import type { RedisOptions } from 'ioredis'
import type { RedisConnector } from './connector.ts'
import type { Role } from './verdict.ts'

export interface RedisConnectorOptions {
  /**
   * What a server must be: `'master'` takes writes, `'replica'` follows one, `'any'` is not looked at. Checked when it is
   * connected and by the heartbeat. Default `'master'`.
   */
  readonly role?: Role | undefined
  /** ioredis' own options, of every connection, such as `{ keyPrefix: 'app:' }`. */
  readonly redis?: RedisOptions | undefined
  /** How long clients may take to finish what they have begun on a provider that is left. Default 5000. */
  readonly drainMs?: number | undefined
}

/** All options of `@tourniquet/core`, with `heartbeatMs` 5000 by default, and those of Redis. */
export interface RedisRoundRobinOptions extends Options, RedisConnectorOptions {
  readonly drainMs?: number | undefined
  /** One of your own, in place of what `role` and `redis` make. */
  readonly connector?: RedisConnector | undefined
}

/** What each part is told. */
export interface RedisSettings {
  readonly core: Options
  readonly connector: RedisConnectorOptions
}

// What would break a promise of ours, and what does it instead.
const ours: Readonly<Record<string, string>> = {
  host: 'it is of a source',
  port: 'it is of a source',
  path: 'it is of a source',
  sentinels: 'list the servers themselves, without Sentinel',
  Connector: 'the servers are connected to in their turn',
  retryStrategy: 'the option backoff says how long to wait between rounds',
  maxRetriesPerRequest: 'the option maxAttempts says how often a command is sent',
  enableOfflineQueue: 'commands always wait for the next provider, and end with an error after each round that failed',
  autoResendUnfulfilledCommands: 'only what changes nothing is sent again, or everything with the option idempotent',
  enableReadyCheck: 'a server is always checked',
  maxLoadingRetryTime: 'a server that loads its data is not waited for',
  autoResubscribe: 'subscriptions always move on with their client',
  reconnectOnError: 'the verdict on an error says who has to move',
  disconnectTimeout: 'the option drainMs says how long to wait',
  connectTimeout: 'use the option connectTimeoutMs',
  commandTimeout: 'a command that has timed out in ioredis may still be sent: use the options of rr.run()',
  socketTimeout: 'it would end a BLPOP that waits: use the option heartbeatMs',
  blockingTimeout: 'a reply that comes too late would be lost',
  readOnly: 'it is for clusters',
  monitor: 'use monitor() of a client',
}

/** @throws InvalidError that names the option which is not what it must be */
export function toSettings(given: RedisRoundRobinOptions): RedisSettings {
  if (typeof given !== 'object' || given === null)
    throw new InvalidError(`options must be an object; got ${typeof given}`)
  const { role, redis, connector: _, ...core } = given
  return {
    core: { heartbeatMs: 5000, ...withoutUndefined(core) },
    connector: { role, redis, drainMs: core.drainMs },
  }
}

/** @throws InvalidError that names the option which is not what it must be */
export function checkConnectorOptions({ role, redis }: RedisConnectorOptions): void {
  if (role !== undefined && role !== 'master' && role !== 'replica' && role !== 'any') {
    throw new InvalidError(
      `role must be 'master', 'replica' or 'any'; got ${typeof role === 'string' ? JSON.stringify(role) : typeof role}`,
    )
  }
  if (redis === undefined) return
  if (typeof redis !== 'object' || redis === null)
    throw new InvalidError(`redis must be an object of ioredis' options; got ${typeof redis}`)
  for (const option of Object.keys(redis)) assertNotOurs(option)
}

/** @throws InvalidError */
export function assertNotOurs(option: string): void {
  if (Object.hasOwn(ours, option)) throw new InvalidError(`redis.${option} cannot be set: ${ours[option]}`)
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
