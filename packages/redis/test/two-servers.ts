import { type FaultProxy, type RedisServer, startProxy, startRedis, startRedisPair } from '@tourniquet/testkit'
import { type FailoverRedis, RedisRoundRobin, type RedisRoundRobinOptions } from '../src/index.ts'

export interface TwoServers extends AsyncDisposable {
  readonly rr: RedisRoundRobin
  readonly client: FailoverRedis
  readonly a: RedisServer
  readonly b: RedisServer
  readonly proxyA: FaultProxy
  readonly proxyB: FaultProxy
}

/** Two servers that know nothing of each other, and a client of both. Nothing is idempotent unless it is said. */
export async function twoServers(options: RedisRoundRobinOptions = {}, args: string[] = []): Promise<TwoServers> {
  const [a, b] = await Promise.all([startRedis({ name: 'A', args }), startRedis({ name: 'B', args })])
  return await before(a, b, options)
}

/** A primary and its replica. */
export async function pair(options: RedisRoundRobinOptions = {}): Promise<TwoServers> {
  const { primary, replica } = await startRedisPair()
  return await before(primary, replica, options)
}

/** Each stands behind a fault proxy. */
async function before(a: RedisServer, b: RedisServer, options: RedisRoundRobinOptions): Promise<TwoServers> {
  const [proxyA, proxyB] = await Promise.all([startProxy(a), startProxy(b)])
  const rr = new RedisRoundRobin([urlOf(proxyA), urlOf(proxyB)], options)
  return {
    rr,
    client: rr.client(),
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
  return `redis://${host}:${port}`
}
