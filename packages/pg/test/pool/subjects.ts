import { type PostgresServer, type PostgresSettings, startPostgres, waitFor } from '@tourniquet/testkit'
import pg, { type Client, type Pool, type PoolClient } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { clientsOf, poolsOf } from './kinds.ts'

export { clientsIn, ignore } from './kinds.ts'

/** What holds for one holds for the others. */
export const pools = poolsOf(pg)
export const clients = clientsOf(pg)
export const [plainPool] = pools as [(typeof pools)[number]]
export const [plainClient] = clients as [(typeof clients)[number]]

/** Under which name the driver that is tested is installed: a process of its own has to import it, too. */
export const driverName = '_queryQueue' in new pg.Client() ? 'pg' : 'pg-lowest'

/** A server for all tests of a file. */
export function oneServer(settings: PostgresSettings = {}, setUp = ''): () => PostgresServer {
  let server: PostgresServer | undefined
  beforeAll(async () => {
    server = await startPostgres({ settings })
    if (setUp) await server.query(setUp)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  return () => server as PostgresServer
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it was not rejected')
}

/** What a callback is told. */
export function told<Words extends unknown[] = unknown[]>(
  send: (callback: (...words: Words) => void) => unknown,
): Promise<Words> {
  return new Promise((resolve) => {
    send((...words) => resolve(words))
  })
}

export interface Counts {
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

/** What a pool says of itself. */
export function countsOf({ totalCount, idleCount, waitingCount }: Pool): Counts {
  return { total: totalCount, idle: idleCount, waiting: waitingCount }
}

const poolEvents = ['connect', 'acquire', 'release', 'remove', 'error'] as const

/** Its events as they come, with their arguments: clients are numbered in the order in which they were first seen. */
export function follow(pool: Pool): string[] {
  const events: string[] = []
  const seen: unknown[] = []
  const numberOf = (client: unknown): number => {
    if (!seen.includes(client)) seen.push(client)
    return seen.indexOf(client) + 1
  }
  const word = (argument: unknown): string => {
    if (argument instanceof pg.Client) return `client ${numberOf(argument)}`
    return argument instanceof Error ? argument.message : String(argument)
  }
  for (const name of poolEvents) {
    pool.on(name, (...args: unknown[]) => events.push([name, ...args.map(word)].join(', ')))
  }
  return events
}

/** The events of a client, with its status of readiness left out. */
export function followClient(client: Client): string[] {
  const events: string[] = []
  for (const name of ['connect', 'drain', 'end', 'notice', 'notification'] as const) {
    client.on(name, () => events.push(name))
  }
  return events
}

/** `count` clients at a time. */
export function checkOut(pool: Pool, count: number): Promise<PoolClient[]> {
  return Promise.all(below(count).map(() => pool.connect()))
}

/** The number of the server's own process for a client. */
export function pidOf(client: Client): number {
  return (client as unknown as { readonly processID: number }).processID
}

/** Ends a session from outside, and waits until that is so. */
export async function terminate(server: PostgresServer, pid: number): Promise<void> {
  await server.query(`select pg_terminate_backend(${pid})`)
  await waitFor(async () => (await server.query(`select 1 from pg_stat_activity where pid = ${pid}`)).length === 0)
}

/** `0 … count - 1` */
export const below = (count: number) => Array.from({ length: count }, (_, index) => index)
