import { InvalidError, type Options } from '@tourniquet/core'
import type { PoolConfig } from 'pg'
import type { PgConnector } from './connector.ts'
import type { PgConnectorOptions } from './connector-options.ts'
import { blamed, type PgSource } from './source.ts'
import { parseUrl } from './url.ts'
import { withoutUndefined } from './without-undefined.ts'

/** All options of `@tourniquet/core`, with `heartbeatMs` 5000 by default, and those of PostgreSQL. */
export interface PgRoundRobinOptions extends Options, PgConnectorOptions {
  readonly drainMs?: number | undefined
  /** One of your own, in place of what `targetSessionAttrs`, `pool` and `pg` make. */
  readonly connector?: PgConnector | undefined
}

/** What each part is told. */
export interface PgSettings {
  readonly core: Options
  readonly connector: PgConnectorOptions
}

/** The sources, and what their URL says of all of them. @throws InvalidError */
export function readSources(given: readonly PgSource[] | string): {
  readonly sources: readonly PgSource[]
  readonly said: PgRoundRobinOptions
} {
  if (typeof given !== 'string') return { sources: given, said: {} }
  const { sources, targetSessionAttrs, connectTimeoutMs } = parseUrl(given)
  return { sources, said: withoutUndefined({ targetSessionAttrs, connectTimeoutMs }) as PgRoundRobinOptions }
}

/** @throws InvalidError that names the option which is not what it must be */
export function toSettings(given: PgRoundRobinOptions, said: PgRoundRobinOptions): PgSettings {
  if (typeof given !== 'object' || given === null)
    throw new InvalidError(`options must be an object; got ${typeof given}`)
  const { targetSessionAttrs, pool, pg: driver, connector, ...core } = { ...said, ...withoutUndefined(given) }
  if (connector && targetSessionAttrs !== undefined)
    throw new InvalidError(
      'targetSessionAttrs is for the connector that you give: new PgConnector({ targetSessionAttrs })',
    )
  return {
    core: { heartbeatMs: 5000, ...core },
    connector: { targetSessionAttrs, pool: withBlame(pool), pg: driver, drainMs: core.drainMs },
  }
}

/** That a password cannot be had is not the fault of a server, wherever it is given. */
function withBlame(pool: PoolConfig | undefined): PoolConfig | undefined {
  return typeof pool?.password === 'function' ? { ...pool, password: blamed(pool.password) } : pool
}
