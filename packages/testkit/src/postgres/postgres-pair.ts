import { orDispose } from '../process/or-dispose.ts'
import { waitFor } from '../wait-for.ts'
import { checkPostgresOptions, type PostgresPairOptions } from './postgres-options.ts'
import type { PostgresServer } from './postgres-server.ts'
import { startPostgres } from './start-postgres.ts'

/** Disposing of it disposes of both. */
export interface PostgresPair extends AsyncDisposable {
  primary: PostgresServer
  standby: PostgresServer
}

/**
 * Starts two servers named `primary` and `standby`, the second streaming from the first.
 *
 * @throws as `startPostgres` and `standby` do
 */
export async function startPostgresPair(options: PostgresPairOptions = {}): Promise<PostgresPair> {
  checkPostgresOptions(options)
  const { synchronous = false, ...both } = options
  const primary = await startPostgres({ ...both, name: 'primary' })
  const standby = await orDispose(primary, () => primary.standby(both))
  const dispose = async (): Promise<void> => {
    await Promise.all([primary[Symbol.asyncDispose](), standby[Symbol.asyncDispose]()])
  }
  const pair = { primary, standby, [Symbol.asyncDispose]: dispose }
  if (synchronous) await orDispose(pair, () => synchronise(primary))
  return pair
}

/** Only now, so that the standby's copy of the settings does not hold it: promoted, it must not wait for itself. */
async function synchronise(primary: PostgresServer): Promise<void> {
  await primary.query("alter system set synchronous_standby_names = 'standby'")
  await primary.query('select pg_reload_conf()')
  const isSynchronous = async (): Promise<boolean> =>
    (await primary.query('select sync_state from pg_stat_replication'))[0]?.[0] === 'sync'
  await waitFor(isSynchronous, { what: 'the standby to be synchronous', timeoutMs: 30_000 })
}
