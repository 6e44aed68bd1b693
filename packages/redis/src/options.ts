import { InvalidError, type Options } from '@tourniquet/core'
import type { RedisOptions } from 'ioredis'
import type { RedisConnector } from './connector.ts'
import { assertNotOurs } from './ours.ts'
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
  for (const option of Object.keys(redis)) assertNotOurs(option, 'redis.')
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
