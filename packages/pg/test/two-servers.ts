import { type FaultProxy, type PostgresServer, startPostgres, startPostgresPair, startProxy } from '@tourniquet/testkit'
import type { Pool } from 'pg'
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
