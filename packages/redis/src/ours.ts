import { InvalidError } from '@tourniquet/core'
import type { RedisOptions } from 'ioredis'

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

/** Whether it is an option of ioredis that is not the user's. */
export function isOurs(option: string): boolean {
  return Object.hasOwn(ours, option)
}

/**
 * Throws if it is an option of ioredis that is not the user's.
 *
 * @param where - what stands before the option's name in the error
 */
export function assertNotOurs(option: string, where = ''): void {
  if (isOurs(option)) throw new InvalidError(`${where}${option} cannot be set: ${ours[option]}`)
}

/** @throws InvalidError that names an option which a client cannot have */
export function checkClientOptions(options: RedisOptions): void {
  for (const option of Object.keys(options)) if (option !== 'lazyConnect') assertNotOurs(option)
}
