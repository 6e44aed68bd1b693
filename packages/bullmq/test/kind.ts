import { randomUUID } from 'node:crypto'
import type { Options } from '@tourniquet/core'
import { type RedisServer, startRedis } from '@tourniquet/testkit'
import { BullMQConnector, BullMQRoundRobin, type Queues } from '../src/index.ts'

/** What the conformance suite and the ledger need of BullMQ. A job with the id is what is written. */
export const bullmq = {
  start: (name: string) => startRedis({ name }),
  connector: () => new BullMQConnector(),
  source: ({ host, port }: { host: string; port: number }) => `redis://${host}:${port}`,
  roundRobin: (sources: readonly string[], connector: BullMQConnector, options: Options) =>
    new BullMQRoundRobin(sources, { connector, ...options }),
  operations: {
    who: async ({ redis }: Queues) => /^tcp_port:(\d+)/m.exec(await redis.info('server'))?.[1],
    // An id of its own each time: what is sent twice shall be there twice.
    write: (queues: Queues, id: string) =>
      queues.get('ledger').add('write', { id }, { jobId: `${id}_${randomUUID()}` }),
    hang: ({ redis }: Queues) => redis.blpop('nothing', 0),
    refuse: (queues: Queues) => queues.redis.call('NOSUCH'),
    writeReadOnly: ({ redis }: Queues) => redis.call('EVAL_RO', "redis.call('SET', 'a', 'b')", 0),
  },
  reply: (id: string) => `${id}_`,
  demote: (server: RedisServer) => server.command('REPLICAOF', '127.0.0.1', '1'),
  promote: (server: RedisServer) => server.promote(),
  connections: { most: 2, why: 'the second one asks whether a provider is well' },
  written: (server: RedisServer) => idsOf(server, 'ledger'),
}

const dataOfAll = `
local found = {}
for _, key in ipairs(redis.call('KEYS', 'bull:' .. ARGV[1] .. ':*')) do
  if redis.call('TYPE', key).ok == 'hash' then
    local data = redis.call('HGET', key, 'data')
    if data then found[#found + 1] = cjson.decode(data).id end
  end
end
return found`

/** What `data.id` of all jobs of a queue is. */
export async function idsOf(server: RedisServer, queue: string): Promise<string[]> {
  return (await server.command('EVAL', dataOfAll, '0', queue)).split('\n').filter(Boolean)
}
