import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type TwoServers, twoServers } from './two-servers.ts'

const unknown = { code: 'TOURNIQUET_OUTCOME_UNKNOWN', outcome: 'unknown' }

// A counter's reply is a number: this one is said by nobody else.
const LAST = 41_000
const DROPPED = `:${LAST + 1}\r\n`

/** Two servers, where A loses the reply that holds DROPPED. */
async function losingReplies(options = {}): Promise<TwoServers> {
  const servers = await twoServers(options)
  for (const server of [servers.a, servers.b]) await server.command('MSET', 'n', String(LAST), 'text', server.name)
  await servers.client.ping()
  await servers.proxyA.dropReply(DROPPED)
  return servers
}

const callers = [
  { name: 'rr.run', call: <T>({ rr }: TwoServers, work: (redis: Redis) => Promise<T>) => rr.run(work) },
  { name: 'rr.client()', call: <T>({ client }: TwoServers, work: (redis: Redis) => Promise<T>) => work(client) },
]

describe.each(callers)('G6 a reply that is lost after execution, with $name', ({ call }) => {
  it('incr: the counter is one more, the call rejects as unknown, and the next provider serves', async () => {
    await using servers = await losingReplies()
    const error = await call(servers, (redis) => redis.incr('n')).catch((reason) => reason)
    expect(error).toMatchObject(unknown)
    expect(error.message).toMatch(/127\.0\.0\.1:\d+/)
    expect(await servers.a.command('GET', 'n')).toBe(String(LAST + 1))
    expect(await servers.b.command('GET', 'n')).toBe(String(LAST))
    expect(await call(servers, (redis) => redis.get('text'))).toBe('B')
  })

  it('get: succeeds on the next provider', async () => {
    await using servers = await losingReplies()
    await servers.proxyA.dropReply('$1\r\nA')
    expect(await call(servers, (redis) => redis.get('text'))).toBe('B')
  })

  it('MULTI: rejects as unknown, and is not run again', async () => {
    await using servers = await losingReplies()
    const error = await call(servers, async (redis) => await redis.multi().incr('n').incr('n').exec()).catch(
      (reason) => reason,
    )
    expect(error).toMatchObject(unknown)
    expect(await servers.a.command('GET', 'n')).toBe(String(LAST + 2))
    expect(await servers.b.command('GET', 'n')).toBe(String(LAST))
  })

  it('BLPOP: rejects as unknown', async () => {
    await using servers = await losingReplies()
    await servers.proxyA.dropReply('the element')
    const popped = call(servers, (redis) => redis.blpop('list', 0)).catch((reason) => reason)
    await waitFor(async () => (await servers.a.command('CLIENT', 'LIST')).includes('cmd=blpop'))
    await servers.a.command('RPUSH', 'list', 'the element')
    expect(await popped).toMatchObject(unknown)
  })
})

describe('G6 rr.client()', () => {
  it('a script that says it only reads is sent again, and another is not', async () => {
    await using servers = await losingReplies()
    const { rr } = servers
    const read = rr.client({
      scripts: { reads: { lua: "return redis.call('GET', 'text')", numberOfKeys: 0, readOnly: true } },
    })
    const write = rr.client({ scripts: { writes: { lua: "return redis.call('GET', 'text')", numberOfKeys: 0 } } })
    const call = (client: Redis, name: string) =>
      (client as unknown as Record<string, () => Promise<unknown>>)[name]?.()
    await Promise.all([read.ping(), write.ping()])
    await servers.proxyA.dropReply('$1\r\nA')
    expect(await call(read, 'reads')).toBe('B')
    await rr.failover()
    await servers.b.command('SET', 'text', 'A')
    await servers.proxyA.dropReply('$1\r\nA')
    await expect(call(write, 'writes')).rejects.toMatchObject(unknown)
  })

  it('with idempotent, incr is sent again', async () => {
    await using servers = await losingReplies({ idempotent: true })
    expect(await servers.client.incr('n')).toBe(LAST + 1)
    expect(await servers.b.command('GET', 'n')).toBe(String(LAST + 1))
  })

  it('a pipeline is independent commands: reads succeed, writes that were answered stand, the others are unknown', async () => {
    await using servers = await losingReplies()
    const results = await servers.client.pipeline().set('first', '1').incr('n').get('text').set('last', '1').exec()
    expect(results?.map(([error, result]) => error ?? result)).toMatchObject(['OK', unknown, 'B', unknown])
    expect(await servers.b.command('EXISTS', 'first', 'last')).toBe('0')
  })

  it('commands of a connection that is lost end in their order', async () => {
    await using servers = await losingReplies()
    const { client } = servers
    const ended: string[] = []
    const noted = (name: string, promise: Promise<unknown>) =>
      promise.then(
        () => ended.push(name),
        () => ended.push(name),
      )
    await Promise.all([
      noted('incr', client.incr('n')),
      noted('get 1', client.get('text')),
      noted('set', client.set('x', '1')),
      noted('get 2', client.get('text')),
      noted('get 3', client.get('text')),
    ])
    expect(ended).toEqual(['incr', 'set', 'get 1', 'get 2', 'get 3'])
  })

  it('no command overtakes one that is sent again', async () => {
    await using servers = await losingReplies()
    const { client } = servers
    await servers.proxyA.freeze()
    const order: string[] = []
    const early = Array.from({ length: 50 }, () => client.get('text').then(() => order.push('early')))
    const later = new Promise((resolve) => {
      client.once('close', () => resolve(client.incr('later').then(() => order.push('later'))))
    })
    await servers.proxyA.reset()
    await later
    expect(order).toEqual([...early.map(() => 'early'), 'later'])
  })
})

describe('G6 rr.pipeline() and rr.transaction()', () => {
  it('answer as exec() does', async () => {
    await using servers = await losingReplies()
    expect(await servers.rr.pipeline((pipeline) => pipeline.set('x', '1').get('x'))).toEqual([
      [null, 'OK'],
      [null, '1'],
    ])
    expect(await servers.rr.transaction((transaction) => transaction.incr('y').get('x'))).toEqual([
      [null, 1],
      [null, '1'],
    ])
  })

  it.each(['pipeline', 'transaction'] as const)('a %s that is answered half-way rejects as unknown', async (way) => {
    await using servers = await losingReplies()
    const error = await servers.rr[way]((batch) => batch.set('first', '1').incr('n').get('text')).catch(
      (reason) => reason,
    )
    expect(error).toMatchObject(unknown)
    expect(await servers.a.command('GET', 'n')).toBe(String(LAST + 1))
    expect(await servers.b.command('EXISTS', 'first')).toBe('0')
  })

  it.each(['pipeline', 'transaction'] as const)('an idempotent %s runs again, whole', async (way) => {
    await using servers = await losingReplies()
    await servers.rr[way]((batch) => batch.set('first', '1').incr('n').get('text'), { idempotent: true })
    expect(await servers.b.command('MGET', 'first', 'n')).toBe(`1\n${LAST + 1}`)
  })

  it('an error of the caller is one result of a pipeline, and moves nobody', async () => {
    await using servers = await losingReplies()
    const results = await servers.rr.pipeline((pipeline) => pipeline.lpush('text', '1').get('text'))
    expect(results).toMatchObject([[{ name: 'ReplyError' }], [null, 'A']])
    expect(servers.rr.current).toContain(String(servers.proxyA.port))
  })
})

describe('G6 rr.run with several commands', () => {
  it('is not run again when a later one is refused: the earlier one was applied', async () => {
    await using servers = await losingReplies()
    let attempts = 0
    const error = await servers.rr
      .run(async (redis) => {
        attempts++
        await redis.incr('n2')
        await servers.a.command('REPLICAOF', '127.0.0.1', '1')
        await redis.incr('n2')
      })
      .catch((reason) => reason)
    expect(error).toMatchObject(unknown)
    expect(attempts).toBe(1)
    expect(await servers.b.command('EXISTS', 'n2')).toBe('0')
  })

  it('is run again when all that was written is refused', async () => {
    await using servers = await losingReplies()
    await servers.rr.connect()
    await servers.a.command('REPLICAOF', '127.0.0.1', '1')
    await servers.rr.run(async (redis) => {
      await redis.get('text')
      await redis.incr('n2')
    })
    expect(await servers.b.command('GET', 'n2')).toBe('1')
  })

  it('is run again when a write was never sent, and is not when an earlier one was', async () => {
    await using servers = await losingReplies()
    const { rr, a, b } = servers
    const afterTheEnd = async (redis: Redis, before: () => Promise<unknown>) => {
      await before()
      if (a.state === 'running') {
        const closed = new Promise((resolve) => redis.once('end', resolve))
        await a.kill()
        await closed
      }
      return await redis.incr('n3')
    }
    const earlier = rr.run((redis) => afterTheEnd(redis, () => redis.incr('n2')))
    await expect(earlier).rejects.toMatchObject(unknown)
    await a.restart()
    await rr.failover()
    expect(rr.current).toContain(String(servers.proxyA.port))
    expect(await rr.run((redis) => afterTheEnd(redis, () => redis.get('n2')))).toBe(1)
    expect(await b.command('MGET', 'n2', 'n3')).toBe('\n1')
  })

  it('is run again when its connection was lost a moment ago, and it was not sent', async () => {
    await using servers = await losingReplies()
    const { rr, a, b } = servers
    await rr.connect()
    const result = rr.run(async (redis, { attempt }) => {
      if (attempt === 1) redis.stream.destroy()
      return await redis.incr('n4')
    })
    expect(await result).toBe(1)
    expect(await a.command('EXISTS', 'n4')).toBe('0')
    expect(await b.command('GET', 'n4')).toBe('1')
  })
})
