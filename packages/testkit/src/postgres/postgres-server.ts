import { badInput, checkAddress } from '../bad-input.ts'
import type { CommandLine } from '../install/tied.ts'
import { ChildServer } from '../process/child-server.ts'
import { freePort } from '../process/free-port.ts'
import { orDispose } from '../process/or-dispose.ts'
import type { Address } from '../process/server-options.ts'
import { waitFor } from '../wait-for.ts'
import { Cluster } from './cluster.ts'
import { checkPostgresOptions, type PostgresOptions, type PostgresStandbyOptions } from './postgres-options.ts'
import { postgresEnv } from './postgres-programs.ts'
import { psql } from './psql.ts'

/** Everything one server is made of. */
interface PostgresParts {
  cluster: Cluster
  program: CommandLine
  name: string
  port: number
  startTimeoutMs: number
}

/** A real PostgreSQL with a cluster of its own. What it committed is there after a kill and a restart. */
export class PostgresServer extends ChildServer {
  readonly #cluster: Cluster

  constructor({ cluster, program, ...rest }: PostgresParts) {
    const args = (): readonly string[] => {
      cluster.cleanUp() // asked for at each start: what a kill left is in its way
      return program.args
    }
    const ready = (): Promise<unknown> => psql(cluster.programs, rest.port, 'select')
    const stopSignal = 'SIGINT' // SIGTERM would wait until every client has left
    super({ ...rest, command: program.command, args, ready, stopSignal, cwd: '/', env: postgresEnv() }, rest.port)
    this.#cluster = cluster
  }

  /** `postgres://postgres@127.0.0.1:PORT/postgres`; nobody needs a password. */
  override get url(): string {
    return `postgres://postgres@${this.host}:${this.port}/postgres`
  }

  /**
   * Runs SQL through `psql` as the superuser `postgres`, and resolves to the rows, each value as text, null as nothing.
   * Several statements in one call are one transaction; the rows are the last one's.
   *
   * @throws Error with the SQLSTATE and the server's own words if it refuses, or cannot be reached
   */
  async query(sql: string): Promise<string[][]> {
    if (typeof sql !== 'string') throw badInput('sql', 'a string', sql)
    return await psql(this.#cluster.programs, this.port, sql)
  }

  /** Whether it takes writes: it is nobody's standby. */
  async isPrimary(): Promise<boolean> {
    return (await this.query('select pg_is_in_recovery()'))[0]?.[0] === 'f'
  }

  /**
   * Starts a standby of it: one that streams, and is asynchronous unless `synchronous_standby_names` says otherwise.
   * Resolves once it streams.
   *
   * @throws TypeError if an option is not what it must be
   * @throws Error as `startServer` does; or if it does not stream after 30 s
   */
  async standby(options: PostgresStandbyOptions = {}): Promise<PostgresServer> {
    checkPostgresOptions(options)
    const { name = 'standby', via = this, settings = {} } = options
    const cluster = new Cluster(this.#cluster.programs, settings)
    return await orDispose(cluster, async () => {
      await cluster.follow(via, name)
      const standby = await serve(cluster, { ...options, name })
      await orDispose(standby, () => standby.#streams())
      return standby
    })
  }

  /** Makes a standby a primary, with what it has; at once if it is one. Its clients stay connected. */
  async promote(): Promise<void> {
    if (await this.isPrimary()) return
    await this.query('select pg_promote(false)')
    await waitFor(() => this.isPrimary(), { what: `${this.name} to be a primary`, timeoutMs: 30_000 })
  }

  /**
   * Makes it a standby of another server, which may be behind a fault proxy: stops it, takes a copy of that one's data in
   * place of its own, and starts it again. Resolves once it streams. A copy, and no `pg_rewind`, because it leads there
   * from any state, and a test's data are small.
   *
   * @throws TypeError if `primary` has no host and port
   * @throws Error if that fails: it is stopped then, and if there was no copy its own data are as they were
   */
  async demote(primary: Address): Promise<void> {
    checkAddress('primary', primary)
    await this.stop()
    await this.#cluster.follow(primary, this.name)
    await this.restart()
    await this.#streams()
  }

  /**
   * Turns its transactions read-only, as some hosts do when a disk is full, or back. No connection is dropped: it is true
   * of what a client begins from now on. It stays so through restarts.
   */
  async setReadOnly(readOnly: boolean): Promise<void> {
    if (typeof readOnly !== 'boolean') throw badInput('readOnly', 'true or false', readOnly)
    const value = readOnly ? 'on' : 'off'
    await this.query(`alter system set default_transaction_read_only = ${value}`)
    await this.query('select pg_reload_conf()')
    const isSo = async (): Promise<boolean> =>
      (await this.query('show default_transaction_read_only'))[0]?.[0] === value
    await waitFor(isSo, { what: `${this.name} to be read-only: ${value}`, timeoutMs: 30_000 })
  }

  /** Stops it and removes its cluster. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#cluster[Symbol.asyncDispose]()
  }

  async #streams(): Promise<void> {
    const isStreaming = async (): Promise<boolean> =>
      (await this.query('select status from pg_stat_wal_receiver'))[0]?.[0] === 'streaming'
    await waitFor(isStreaming, { what: `${this.name} to stream from its primary`, timeoutMs: 30_000 })
  }
}

/** Starts a server for a cluster; if this fails, both are gone. */
export async function serve(cluster: Cluster, options: PostgresOptions): Promise<PostgresServer> {
  const { name = 'postgres', startTimeoutMs = 30_000 } = options
  const port = options.port ?? (await freePort())
  const server = new PostgresServer({ cluster, program: await cluster.server(port), name, port, startTimeoutMs })
  await orDispose(server, () => server.restart())
  return server
}
