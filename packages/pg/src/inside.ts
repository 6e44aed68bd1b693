import type { Client, ClientConfig, Connection, Pool, PoolClient, PoolConfig } from 'pg'

/**
 * What of node-postgres this package uses and its types do not show. All of it is alike in pg 8.11.0 and 8.23.1, with
 * pg-pool 3.6.0 and 3.14.0, but for the names of the queues, which is why they are looked up here.
 */
export interface InsideClient extends Client {
  /** False once its connection has failed. */
  _queryable: boolean
  readonly _ending: boolean
  readonly _sentQueryQueue?: InsideQuery[]
  readyForQuery?: boolean
  /** pg-pool counts there how often it was used, and drops it when that is too often. */
  _poolUseCount?: number
  readonly connection: InsideConnection
  ref(): void
  unref(): void
  _errorAllQueries(error: Error): void
  _handleErrorMessage(message: Error): void
  _handleReadyForQuery(message: { readonly status: string }): void
  _handleCommandComplete(message: { readonly text: string }): void
}

export interface InsideConnection extends Connection {
  readonly stream: Connection['stream'] & { readonly errored?: Error | null }
}

export interface InsideQuery {
  readonly text?: string
  handleError(error: Error, connection: Connection): void
}

/** What a pool tells whoever asks it for a client. */
export type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void

export interface InsidePool extends Omit<Pool, 'connect' | 'emit' | 'end' | 'query'> {
  connect(): Promise<PoolClient>
  connect(callback: Connected): void
  emit(event: string | symbol, ...args: unknown[]): boolean
  end(): Promise<void>
  end(callback: () => void): void
  query(query: unknown, values?: unknown, callback?: unknown): unknown
  _clients: (InsideClient & { giveUp(why: Error): void })[]
  /** Deprecated by pg, which still keeps to it. */
  readonly Promise: PromiseConstructor
  _pulseQueue(): void
  readonly _pendingQueue: { readonly callback: (error: Error) => void; timedOut?: boolean }[]
}

export type ClientConstructor = new (config?: string | ClientConfig) => InsideClient
export type PoolConstructor = new (config?: PoolConfig) => InsidePool

interface Queues {
  _activeQuery?: InsideQuery | null
  activeQuery?: InsideQuery | null
  _queryQueue?: InsideQuery[]
  queryQueue?: InsideQuery[]
}

/** Takes what a client has sent and what it has not, so that it has neither any more. */
export function takeQueries(client: InsideClient): { sent: InsideQuery[]; queued: InsideQuery[] } {
  const active = activeOf(client)
  const sent = [...(active ? [active] : []), ...(client._sentQueryQueue?.splice(0) ?? [])]
  const queues: Queues = client as Queues
  if ('_queryQueue' in client) queues._activeQuery = null
  else queues.activeQuery = null
  return { sent, queued: queueOf(client).splice(0) }
}

export function underWay(client: InsideClient): InsideQuery[] {
  const active = activeOf(client)
  return [...(active ? [active] : []), ...(client._sentQueryQueue ?? []), ...queueOf(client)]
}

/** Whether a client has nothing to do. */
export function isQuiet(client: InsideClient): boolean {
  return client.readyForQuery === true && !activeOf(client) && queueOf(client).length === 0
}

export function activeOf(client: InsideClient): InsideQuery | null | undefined {
  const queues: Queues = client as Queues
  return '_queryQueue' in client ? queues._activeQuery : queues.activeQuery
}

function queueOf(client: InsideClient): InsideQuery[] {
  const queues: Queues = client as Queues
  return ('_queryQueue' in client ? queues._queryQueue : queues.queryQueue) ?? []
}

// Who listens to it, what it was asked before it was connected, and how it reads types, stay its own.
const kept = new Set<PropertyKey>([
  '_events',
  '_eventsCount',
  '_maxListeners',
  'domain',
  '_types',
  '_queryQueue',
  'queryQueue',
])

export type ConnectionListener = readonly [event: string | symbol, listener: (...args: unknown[]) => void]

/** Who listens to a connection that was not yet connected. */
export function listenersOf(connection: InsideConnection): ConnectionListener[] {
  const events = connection.eventNames().filter((event) => event !== 'newListener') // that is pg's own
  return events.flatMap((event) =>
    connection.rawListeners(event).map((each) => [event, each as ConnectionListener[1]] as const),
  )
}

/** Makes a client as new as another: one of pg connects only once. */
export function renew(client: InsideClient, fresh: InsideClient, listeners: readonly ConnectionListener[]): void {
  // Assigned, and not defined: an object whose properties are defined anew is slow from then on.
  for (const key of Object.getOwnPropertyNames(fresh)) {
    if (!kept.has(key)) (client as unknown as Record<string, unknown>)[key] = fresh[key as keyof InsideClient]
  }
  client.readyForQuery = false
  for (const [event, listener] of listeners) client.connection.on(event, listener)
}

/** Nobody hears any more of a connection. */
export function silence(connection: InsideConnection): void {
  connection.emit = () => false
}

/** Who waits until a lost connection is ready, as pg-cursor's `close` does, would wait for ever. */
export function answerWhoWaits(connection: InsideConnection): void {
  const event = 'readyForQuery'
  // pg's own listeners are there for good; those that are there once are a cursor's.
  const isOnce = (each: object) => 'listener' in each
  for (const each of connection.rawListeners(event).filter(isOnce)) process.nextTick(each)
  connection.on('newListener', (name, listener: () => void) => {
    if (name === event) process.nextTick(listener)
  })
}

/** Whether it lies idle in a pool of pg-pool, which then listens to its errors. */
export function isIdleInPool(client: InsideClient): boolean {
  return client.rawListeners('error').some(({ name }) => name === 'idleListener')
}
