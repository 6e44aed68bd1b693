import type { Options } from '@tourniquet/core'
import { type RedisServer, startRedis } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { RedisConnector, RedisRoundRobin } from '../src/index.ts'

/** What the conformance suite and the ledger need of Redis. */
export const redis = {
  start: (name: string) => startRedis({ name }),
  connector: () => new RedisConnector(),
  source: ({ host, port }: { host: string; port: number }) => `redis://${host}:${port}`,
  roundRobin: (sources: readonly string[], connector: RedisConnector, options: Options) =>
    new RedisRoundRobin(sources, { connector, ...options }),
  operations: {
    who: async (client: Redis) => /^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1],
    write: (client: Redis, id: string) => client.eval(append, 0, id),
    hang: (client: Redis) => client.blpop('nothing', 0),
    refuse: (client: Redis) => client.call('NOSUCH'),
    writeReadOnly: (client: Redis) => client.call('EVAL_RO', append, 0, 'no'),
  },
  reply: (id: string) => id,
  demote: (server: RedisServer) => server.command('REPLICAOF', '127.0.0.1', '1'),
  promote: (server: RedisServer) => server.promote(),
  connections: { most: 2, why: 'the second one asks whether a provider is well' },
  written: async (server: RedisServer) =>
    (await server.command('LRANGE', 'ledger', '0', '-1')).split('\n').filter(Boolean),
}

// Says what it has added, so that the reply to it can be told from any other.
const append = "redis.call('RPUSH', 'ledger', ARGV[1]) return ARGV[1]"

const clients = new WeakMap<RedisRoundRobin, Redis>()

/** Runs an operation on `rr.client()`. */
export function viaClient(rr: RedisRoundRobin, operation: (client: Redis) => Promise<unknown>): Promise<unknown> {
  const client = clients.get(rr) ?? rr.client()
  clients.set(rr, client)
  return operation(client)
}
