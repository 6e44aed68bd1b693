import type { Command, Redis } from 'ioredis'

/**
 * What ioredis keeps to itself, and a client that fails over has to see: the one place that names it. Tried with 5.4.1,
 * 5.11.1 and 6.0.0.
 */
export interface Inside {
  /** Written, and not answered yet. */
  readonly commandQueue: Queue
  /** Waiting for a connection. */
  readonly offlineQueue: Queue
  /** Of the connection: with what it logs in, and what it has subscribed to. ioredis makes a new one at each connect. */
  condition: Condition | null
  /** That of the last connection that was ready: what is subscribed to again on the next one. */
  prevCondition: Condition | null | undefined
  /** Whoever has the client ends it: it does not connect again. ioredis sets it back only where there was a connection. */
  manuallyClosing: boolean
  readonly connector: unknown
  setStatus(status: Redis['status'], arg?: unknown): void
  /** Rejects what waits in both queues. */
  flushQueue(error: Error, which?: { readonly commandQueue?: boolean; readonly offlineQueue?: boolean }): void
}

interface Queue {
  readonly length: number
  shift(): Item | undefined
  push(item: Item): void
  unshift(item: Item): void
  toArray(): Item[]
}

export interface Item {
  readonly command: Command
  /** The pipeline it belongs to, which writes all of its commands at once. */
  readonly stream: unknown
  readonly select: number
}

/** An item, in the types of ioredis, which know less of it. */
export type AnyItem = Parameters<Redis['handleReconnection']>[1]

export function itemOf(item: AnyItem): Item {
  return item as unknown as Item
}

export interface Condition {
  select: number
  auth: string | [string, string] | null | undefined
  subscriber: false | null | undefined | { channels(of: string): string[]; add(of: string, channel: string): void }
}

export function inside(redis: Redis): Inside {
  return redis as unknown as Inside
}
