import { InvalidError } from '@tourniquet/core'
import type { PoolConfig } from 'pg'
import pg from 'pg'
import type { Driver } from './driver.ts'
import { checkTarget, type TargetSessionAttrs } from './role.ts'

export interface PgConnectorOptions {
  /**
   * What a server must be, in libpq's words: `any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`.
   * Looked at when it is connected, and by the heartbeat. Default `'any'`, as in libpq.
   */
  readonly targetSessionAttrs?: TargetSessionAttrs | undefined
  /** pg-pool's and node-postgres' own options, of every pool and connection, such as `{ max: 20 }`. */
  readonly pool?: PoolConfig | undefined
  /** Your own copy of the driver, where two are installed. Default: that of this package. */
  readonly pg?: Driver | undefined
  /** How long clients may take to finish what they have begun on a server that is left. Default 5000. */
  readonly drainMs?: number | undefined
}

/** @throws InvalidError that names the option which is not what it must be */
export function checkConnectorOptions(options: PgConnectorOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidError(`options must be an object; got ${typeof options}`)
  const { targetSessionAttrs, pool, pg: driver, drainMs = 0, ...rest } = options
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new InvalidError(`unknown option ${unknown}; there are targetSessionAttrs, pool, pg, drainMs`)
  if (!(typeof drainMs === 'number' && drainMs >= 0)) throw new InvalidError('drainMs must be 0 or a time in ms')
  if (targetSessionAttrs !== undefined) checkTarget(targetSessionAttrs)
  if (pool !== undefined) checkPool(pool)
  driverOf(driver)
}

/** @throws InvalidError if it is none, or not the one in JavaScript */
export function driverOf(given?: Driver): Driver {
  const driver = given ?? pg
  if (typeof driver?.Client !== 'function' || typeof driver.Pool !== 'function') {
    throw new InvalidError("pg must be the module of node-postgres: import pg from 'pg'")
  }
  if (!('_errorAllQueries' in driver.Client.prototype)) {
    throw new InvalidError(
      'pg must be node-postgres in JavaScript, 8.11 or newer: pg.native, and NODE_PG_FORCE_NATIVE, cannot be used',
    )
  }
  return driver
}

const bySource = 'each source says where its server is'
const anew = 'a connection is made anew for each server'
const notOfPool: readonly (readonly [option: string, why: string])[] = [
  ['host', bySource],
  ['port', bySource],
  ['connectionString', bySource],
  ['stream', anew],
  ['connection', anew],
  ['Client', 'clients of another class would not fail over'],
]

/** @throws InvalidError */
function checkPool(pool: PoolConfig): void {
  if (typeof pool !== 'object' || pool === null) {
    throw new InvalidError(`pool must be an object of pg-pool's options; got ${typeof pool}`)
  }
  for (const [option, why] of notOfPool) {
    if (option in pool) throw new InvalidError(`pool.${option} cannot be given: ${why}`)
  }
}
