import {
  type FaultProxy,
  type PostgresServer,
  startPostgres,
  startPostgresPair,
  startProxy,
  waitFor,
} from '@tourniquet/testkit'
import pg, { type Pool } from 'pg'
import { PgRoundRobin, type PgRoundRobinOptions } from '../src/index.ts'

export interface TwoServers extends AsyncDisposable {
  readonly rr: PgRoundRobin
  readonly pool: Pool
  readonly a: PostgresServer
  readonly b: PostgresServer
  readonly proxyA: FaultProxy
  readonly proxyB: FaultProxy
}

const quick = { backoff: { initialMs: 20, maxMs: 100 } }

/** Two servers that know nothing of each other, each with an empty table `t (id text)`. */
export async function twoServers(options: PgRoundRobinOptions = {}, settings = {}): Promise<TwoServers> {
  const [a, b] = await Promise.all([startPostgres({ name: 'A', settings }), startPostgres({ name: 'B', settings })])
  await Promise.all([a, b].map((server) => server.query('create table t (id text)')))
  return await before(a, b, options)
}

/** A primary and its synchronous standby, with an empty table `t (id text)`. */
export async function pair(options: PgRoundRobinOptions = {}): Promise<TwoServers> {
  const { primary, standby } = await startPostgresPair({ synchronous: true })
  await primary.query('create table t (id text)')
  return await before(primary, standby, { targetSessionAttrs: 'read-write', ...options })
}

/** Each stands behind a fault proxy. */
async function before(a: PostgresServer, b: PostgresServer, options: PgRoundRobinOptions): Promise<TwoServers> {
  const [proxyA, proxyB] = await Promise.all([startProxy(a), startProxy(b)])
  const rr = new PgRoundRobin([urlOf(proxyA), urlOf(proxyB)], { ...quick, ...options })
  return {
    rr,
    pool: rr.pool(),
    a,
    b,
    proxyA,
    proxyB,
    async [Symbol.asyncDispose]() {
      await rr.close({ drainMs: 0 })
      for (const each of [proxyA, proxyB, a, b]) await each[Symbol.asyncDispose]()
    },
  }
}

export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `postgresql://postgres@${host}:${port}/postgres`
}

/** Never ends on this server, and takes no time on the others. */
export function slowOn({ port }: PostgresServer): string {
  return `pg_sleep(case when current_setting('port') = '${port}' then 1e6 else 0 end)`
}

interface Gate extends AsyncDisposable {
  /** Resolves once so many stand before it. */
  waiting(count: number): Promise<unknown>
  open(): Promise<unknown>
}

/** Stands before the gate of its server until that is opened, and takes no time where there is none. */
export const atGate = 'pg_advisory_xact_lock_shared(1)'

/** A gate on one server that nothing passes: held by a session of its own, which does not take the proxy. */
export async function shutGate(server: PostgresServer): Promise<Gate> {
  const holder = new pg.Client(server.url)
  holder.on('error', () => {}) // its server may go before it
  await holder.connect()
  await holder.query('select pg_advisory_lock(1)')
  const standing = "select 1 from pg_stat_activity where wait_event = 'advisory'"
  return {
    waiting: (count) => waitFor(async () => (await server.query(standing)).length === count),
    open: () => holder.query('select pg_advisory_unlock(1)'),
    [Symbol.asyncDispose]: () => holder.end(),
  }
}

/** The ids in `t`, in their order. */
export async function idsIn(server: PostgresServer): Promise<string[]> {
  return (await server.query('select id from t order by id')).map(([id]) => id as string)
}

/** How a promise ended. */
export async function ended<T>(promise: Promise<T>): Promise<{ value?: T; error?: Error & Record<string, unknown> }> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error: error as Error & Record<string, unknown> }
  }
}
