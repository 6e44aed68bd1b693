import { type FaultProxy, type RedisServer, startProxy, startRedis, startRedisPair } from '@tourniquet/testkit'
import { BullMQRoundRobin, type BullMQRoundRobinOptions } from '../src/index.ts'

export interface TwoServers extends AsyncDisposable {
  readonly rr: BullMQRoundRobin
  readonly a: RedisServer
  readonly b: RedisServer
  readonly proxyA: FaultProxy
  readonly proxyB: FaultProxy
}

// What was acknowledged is there when a server that was killed is back.
const durable = ['--appendonly', 'yes', '--appendfsync', 'no']
const quick = { backoff: { initialMs: 20, maxMs: 100 } }

/** Two servers that know nothing of each other. */
export async function twoServers(options: BullMQRoundRobinOptions = {}, args = durable): Promise<TwoServers> {
  const [a, b] = await Promise.all([startRedis({ name: 'A', args }), startRedis({ name: 'B', args })])
  return await before(a, b, options)
}

/** A primary and its replica. */
export async function pair(options: BullMQRoundRobinOptions = {}): Promise<TwoServers> {
  const { primary, replica } = await startRedisPair()
  return await before(primary, replica, options)
}

/** One server that is reached in two ways. */
export async function oneServer(options: BullMQRoundRobinOptions = {}): Promise<TwoServers> {
  const server = await startRedis({ name: 'A', args: durable })
  return await before(server, server, options)
}

/** Each stands behind a fault proxy. */
async function before(a: RedisServer, b: RedisServer, options: BullMQRoundRobinOptions): Promise<TwoServers> {
  const [proxyA, proxyB] = await Promise.all([startProxy(a), startProxy(b)])
  const rr = new BullMQRoundRobin([urlOf(proxyA), urlOf(proxyB)], { ...quick, ...options })
  return {
    rr,
    a,
    b,
    proxyA,
    proxyB,
    async [Symbol.asyncDispose]() {
      await rr.close({ drainMs: 0 })
      for (const each of new Set([proxyA, proxyB, a, b])) await each[Symbol.asyncDispose]()
    },
  }
}

export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `redis://${host}:${port}`
}

/** How a promise ended. */
export async function ended<T>(promise: Promise<T>): Promise<{ value?: T; error?: Error & Record<string, unknown> }> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error: error as Error & Record<string, unknown> }
  }
}
