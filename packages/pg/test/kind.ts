import type { Options } from '@tourniquet/core'
import { type PostgresServer, startPostgres } from '@tourniquet/testkit'
import type { ClientBase, Pool } from 'pg'
import { PgConnector, PgRoundRobin } from '../src/index.ts'

/** A client of a run, or a pool: both have `query`. */
type Queryable = Pick<ClientBase, 'query'>

/** What the conformance suite and the ledger need of PostgreSQL. */
export const postgres = {
  start: async (name: string) => {
    // So that a backend that sleeps notices that its client has gone.
    const server = await startPostgres({ name, settings: { client_connection_check_interval: '100ms' } })
    await server.query('create table ledger (id text)')
    return server
  },
  connector: () => new PgConnector({ targetSessionAttrs: 'read-write' }),
  source: ({ host, port }: { host: string; port: number }) => `postgresql://postgres@${host}:${port}/postgres`,
  roundRobin: (sources: readonly string[], connector: PgConnector, options: Options) =>
    new PgRoundRobin(sources, { connector, ...options }),
  operations: {
    who: async (client: Queryable) => (await client.query('show port')).rows[0].port,
    write: (client: Queryable, id: string) => client.query('insert into ledger values ($1) returning id', [id]),
    hang: (client: Queryable) => client.query('select pg_sleep(1e6)'),
    refuse: (client: Queryable) => client.query('select nosuch'),
    writeReadOnly: (client: Queryable) => client.query("begin read only; insert into ledger values ('no')"),
  },
  reply: (id: string) => id,
  demote: (server: PostgresServer) => server.setReadOnly(true),
  promote: (server: PostgresServer) => server.setReadOnly(false),
  connections: { most: 11, why: 'the pool has up to ten, and one more asks whether a provider is well' },
  hanging: async (server: PostgresServer) => {
    const sleeping = "select count(*) from pg_stat_activity where query like '%pg_sleep(1e6)' and state = 'active'"
    return Number((await server.query(sleeping))[0]?.[0])
  },
  asksFirst: 'one session that is lost says little of its server: somebody may have ended it',
  written: async (server: PostgresServer) => (await server.query('select id from ledger')).map(([id]) => id as string),
}

/** Runs an operation on `rr.pool()`. */
export function viaPool(rr: PgRoundRobin, operation: (client: ClientBase) => Promise<unknown>): Promise<unknown> {
  const pool: Pool = rr.pool()
  return operation(pool as unknown as ClientBase)
}
