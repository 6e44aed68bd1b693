import { orDispose } from '../process/or-dispose.ts'
import { Cluster } from './cluster.ts'
import { checkPostgresOptions, type PostgresOptions } from './postgres-options.ts'
import { postgresPrograms } from './postgres-programs.ts'
import { type PostgresServer, serve } from './postgres-server.ts'

/**
 * Starts a PostgreSQL of its own (13 or newer), and resolves when it answers a query. Where PostgreSQL is missing it is
 * installed, if this process may do that: as root on Debian or Ubuntu. Where this process is root's the server runs as
 * the user `postgres`, who must be able to enter the folder for temporary files.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error that names the command to run if PostgreSQL is missing and cannot be installed; else as `startServer` does
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  checkPostgresOptions(options)
  const cluster = new Cluster(await postgresPrograms(), options.settings ?? {})
  return await orDispose(cluster, async () => {
    await cluster.create()
    return await serve(cluster, options)
  })
}
