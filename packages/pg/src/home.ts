import type { RunOptions } from '@tourniquet/core'
import type { PoolConfig, QueryConfig, QueryResult } from 'pg'
import type { Driver } from './driver.ts'
import type { InsideClient, InsidePool } from './inside.ts'
import type { Server } from './server.ts'

/** What clients and pools need of the `PgRoundRobin` that they belong to. */
export interface Home {
  readonly driver: Driver
  /** What holds for each connection, where its user does not say otherwise. */
  readonly shared: PoolConfig
  readonly connectTimeoutMs: number
  isClosed(): boolean
  /** The error of a dial that found no server, for as long as those are told who waited for it. */
  exhausted: unknown
  /** `run` of core, on a server itself. */
  runOn<T>(
    work: (server: Server, context: { readonly signal: AbortSignal }) => Promise<T>,
    options: RunOptions,
  ): Promise<T>
  /** `run`, for one statement on a client of this pool. */
  ask(pool: InsidePool, query: AnyQuery, values: unknown): Promise<QueryResult>
  /** A server has refused what another may take: the engine is told, and moves if it agrees. */
  tell(server: Server, error: Error): void
  readonly pools: Set<HomePool>
}

/** A pool of its clients. */
export interface HomePool {
  /** A client goes on elsewhere, and takes nobody's place here any more. */
  forget(client: InsideClient): void
  /** Tells all who wait for a client that there is none. */
  turnAway(error: Error): void
  end(): Promise<void>
}

export type AnyQuery = string | QueryConfig
