import { badInput, checkAddress, checkLine, checkMs, checkPort } from '../bad-input.ts'
import type { Address } from '../process/server-options.ts'

/** Lines of `postgresql.conf`: `{ max_connections: 20, statement_timeout: '5s' }`. */
export type PostgresSettings = Readonly<Record<string, string | number | boolean>>

export interface PostgresPairOptions {
  /** Added to `postgresql.conf`, after ours: the last line counts. Default none. */
  settings?: PostgresSettings
  /** Whether a commit is acknowledged only once the standby has it, too. Default false. */
  synchronous?: boolean
  /** How long a start may take until ready, in milliseconds. Default 30,000. */
  startTimeoutMs?: number
}

export interface PostgresOptions extends Omit<PostgresPairOptions, 'synchronous'> {
  /** Its name in errors, and as a standby in its primary's `pg_stat_replication`. Default `postgres`. */
  name?: string
  /** Default: a free one. */
  port?: number
}

export interface PostgresStandbyOptions extends PostgresOptions {
  /** Another way to its primary, such as a fault proxy. Default: straight. */
  via?: Address
}

/** Throws a TypeError that names the option which is not what it must be. */
export function checkPostgresOptions(options: PostgresStandbyOptions & PostgresPairOptions): void {
  if (typeof options !== 'object' || options === null) throw badInput('options', 'an object', options)
  const { name, port, settings = {}, via, synchronous = false, startTimeoutMs = 0 } = options
  if (name !== undefined) checkLine('name', name)
  if (port !== undefined) checkPort('port', port)
  checkSettings(settings)
  if (via !== undefined) checkAddress('via', via)
  if (typeof synchronous !== 'boolean') throw badInput('synchronous', 'true or false', synchronous)
  checkMs('startTimeoutMs', startTimeoutMs)
}

function checkSettings(settings: PostgresSettings): void {
  if (typeof settings !== 'object' || settings === null) throw badInput('settings', 'an object', settings)
  for (const [name, value] of Object.entries(settings)) {
    if (!/^\w[\w.]*$/.test(name)) throw badInput('settings', 'named as PostgreSQL names them', name)
    const fits = ['string', 'number', 'boolean'].includes(typeof value) && !/[\r\n]/.test(String(value))
    if (!fits) throw badInput(`settings.${name}`, 'a string of one line, a number or a boolean', value)
  }
}
