import { waitFor } from '@tourniquet/testkit'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type TwoServers, twoServers } from './two-servers.ts'

/** Cuts A off, so that everybody goes to B. */
async function loseA({ proxyA }: TwoServers): Promise<void> {
  await proxyA.refuse()
  proxyA.cut()
}

async function channelsAt(server: TwoServers['a']): Promise<string[]> {
  return (await server.command('PUBSUB', 'CHANNELS')).split('\n').filter(Boolean).sort()
}

describe.each([2, 3] as const)('subscriptions that are cut half-way, RESP%d', (protocol) => {
  it('while they are restored: all are there in the end, and no command gets another one’s reply', async () => {
    await using servers = await twoServers({ redis: { protocol } })
    const { rr, a, b } = servers
    const subscriber = rr.client()
    await subscriber.subscribe('chan-a', 'chan-b', 'chan-c')
    await servers.proxyB.dropReply('chan-b')
    await loseA(servers)
    await servers.proxyA.pass()
    const there = async () => [...(await channelsAt(a)), ...(await channelsAt(b))].join()
    await waitFor(async () => (await there()) === 'chan-a,chan-b,chan-c')
    expect(await subscriber.subscribe('chan-d')).toBe(4)
  })

  it('what is subscribed to meanwhile is kept too', async () => {
    await using servers = await twoServers({ redis: { protocol } })
    const { rr, a, proxyB } = servers
    const subscriber = rr.client()
    await subscriber.subscribe('chan-a')
    await proxyB.dropReply('PONG', { by: 'silence' })
    await loseA(servers)
    await subscriber.subscribe('chan-b')
    await servers.proxyA.pass()
    await proxyB.refuse()
    proxyB.cut()
    await waitFor(async () => (await channelsAt(a)).join() === 'chan-a,chan-b')
  })
})

// Older versions of ioredis do not speak it.
const hasResp3 = new Redis({ lazyConnect: true }).options.protocol === 3

describe('a SUBSCRIBE that is cut half-way, beside commands (RESP3)', () => {
  it.runIf(hasResp3)('each gets its own reply', async () => {
    await using servers = await twoServers({ redis: { protocol: 3 } })
    const { client, a, b, proxyA } = servers
    for (const server of [a, b]) await server.command('SET', 'text', server.name)
    await client.ping()
    await proxyA.dropReply('chan-b')
    const all = [client.subscribe('chan-a', 'chan-b', 'chan-c'), client.get('text'), client.echo('hello')]
    expect(await Promise.all(all)).toEqual([3, 'B', 'hello'])
  })
})

describe('G13 a MULTI without a pipeline', () => {
  it('that is refused: no part of it is applied by itself', async () => {
    await using servers = await twoServers()
    const { client, a, b } = servers
    await client.ping()
    await a.command('REPLICAOF', '127.0.0.1', '1')
    const all = [client.multi({ pipeline: false }), client.set('x', '1'), client.set('y', '1'), client.exec()]
    const ends = await Promise.allSettled(all)
    expect(ends.at(-1)?.status).toBe('rejected')
    await client.set('z', '1')
    expect(await b.command('EXISTS', 'x', 'y', 'z')).toBe('1')
  })

  it('that is lost: what a pipeline adds to it is not applied either', async () => {
    await using servers = await twoServers()
    const { client, rr, b } = servers
    await client.multi({ pipeline: false })
    await rr.failover()
    const results = await client.pipeline().set('x', '1').incr('n').exec()
    expect(results?.map(([error]) => (error as { outcome?: string } | null)?.outcome)).toEqual([
      'not-applied',
      'not-applied',
    ])
    expect(await b.command('EXISTS', 'x', 'n')).toBe('0')
  })

  it('in capitals, by call(): the same', async () => {
    await using servers = await twoServers({ heartbeatMs: 20 })
    const { client, rr, b } = servers
    await client.call('WATCH', 'x')
    await rr.failover()
    await expect(client.multi().set('x', '1').exec()).rejects.toThrow(/WATCH was on a former connection/)
    await client.call('MULTI')
    const bytes = servers.proxyB.bytesUp
    await waitFor(() => servers.proxyB.bytesUp > bytes + 200) // several heartbeats
    await client.call('SET', 'y', '1')
    expect(await client.call('EXEC')).toEqual(['OK'])
    await client.call('MULTI')
    await rr.failover()
    await expect(client.set('x', '1')).rejects.toThrow(/MULTI was opened on a former connection/)
    expect(await b.command('EXISTS', 'x')).toBe('0')
  })
})

describe('G5 disconnect() while refusals are on their way', () => {
  it('ends what was refused, and it is not sent later', async () => {
    await using servers = await twoServers()
    const { client, a, b } = servers
    await client.ping()
    await a.command('REPLICAOF', '127.0.0.1', '1')
    // Half closed after the refusal, and before the server has closed it too.
    client.stream.once('finish', () => client.disconnect())
    const refused = client.incr('n').catch((error) => error)
    expect(await refused).toBeInstanceOf(Error)
    await waitFor(() => client.status === 'end')
    await client.connect()
    await client.ping()
    expect(await b.command('EXISTS', 'n')).toBe('0')
  })
})

describe('G8 G12 where providers are up, and let no client in', () => {
  it('commands end, dials have pauses between them, and once one lets it in a client is served', async () => {
    await using servers = await twoServers({ backoff: { initialMs: 500, maxMs: 500 } })
    const { rr, client, a, b, proxyA, proxyB } = servers
    client.disconnect()
    for (const server of [a, b]) await server.command('CONFIG', 'SET', 'maxclients', '1') // which is that of the engine
    const other = rr.client()
    const begun = performance.now()
    const before = proxyA.accepted + proxyB.accepted
    for (const _ of [1, 2, 3]) {
      const error = await other.set('x', '1').catch((reason) => reason)
      expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' })
    }
    const rounds = 3 + (performance.now() - begun) / 50
    expect(proxyA.accepted + proxyB.accepted - before).toBeLessThan(rounds * 5)
    for (const proxy of [proxyA, proxyB]) {
      await proxy.refuse()
      proxy.cut()
    }
    for (const server of [a, b]) await server.command('CONFIG', 'SET', 'maxclients', '100')
    for (const proxy of [proxyA, proxyB]) await proxy.pass()
    await waitFor(() => other.status === 'ready')
    expect(await other.set('x', '1')).toBe('OK')
  })

  it('a subscriber whose password was refused for a while comes back by itself', async () => {
    await using servers = await twoServers()
    const { rr, a, proxyA, proxyB } = servers
    const subscriber = rr.client()
    await subscriber.subscribe('news')
    await proxyB.refuse()
    await a.command('CONFIG', 'SET', 'requirepass', 'secret')
    const denied = new Promise((resolve) => subscriber.once('error', resolve))
    proxyA.cut()
    expect(String(await denied)).toMatch(/NOAUTH/)
    await a.command('-a', 'secret', '--no-auth-warning', 'CONFIG', 'SET', 'requirepass', '')
    await rr.run((redis) => redis.ping())
    await waitFor(async () => (await channelsAt(a)).join() === 'news')
  })
})

describe('G6 a script that answers in the words of a refusal', () => {
  it.each(['rr.client()', 'rr.run'])('%s: was run, and is not run again', async (way) => {
    await using servers = await twoServers()
    const { rr, client, a, b } = servers
    const script = "redis.call('INCR', 'n') return redis.error_reply('LOADING cart')"
    const run = (redis: Redis) => redis.eval(script, 0)
    await expect(way === 'rr.run' ? rr.run(run) : run(client)).rejects.toThrow('LOADING cart')
    expect([await a.command('GET', 'n'), await b.command('GET', 'n')]).toEqual(['1', ''])
  })

  it('a script that a replica refuses moves', async () => {
    await using servers = await twoServers()
    const { client, a, b } = servers
    await client.ping()
    await a.command('REPLICAOF', '127.0.0.1', '1')
    await client.eval("return redis.call('INCR', 'n')", 0)
    expect(await b.command('GET', 'n')).toBe('1')
  })
})

describe('G13 a planned move', () => {
  it('waits for the replies behind a long one', async () => {
    await using servers = await twoServers()
    const { rr, client, a } = servers
    await client.setrange('big', 30_000_000, 'x')
    const all = Promise.all([client.getBuffer('big'), client.incr('n'), client.incr('n'), client.incr('n')])
    await rr.failover()
    expect((await all).slice(1)).toEqual([1, 2, 3])
    expect(await a.command('GET', 'n')).toBe('3')
  })
})

describe('duplicate()', () => {
  it('leaves aside what a client cannot have: no command that timed out is applied later', async () => {
    await using servers = await twoServers()
    const { client } = servers
    const { options } = client.duplicate({ commandTimeout: 100, socketTimeout: 100, maxRetriesPerRequest: 3 })
    expect([options.commandTimeout, options.socketTimeout, options.maxRetriesPerRequest]).toEqual([
      undefined,
      undefined,
      null,
    ])
  })
})
