import { startProxy, startRedis, waitFor } from '@tourniquet/testkit'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { pair, twoServers, urlOf } from './two-servers.ts'

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

describe('G2 a server that is killed with 1,000 GETs in flight', () => {
  it.each(['rr.client()', 'rr.run'])('%s: 1,000 succeed, after one connect', async (way) => {
    await using servers = await twoServers()
    const { rr, client, a, b, proxyA, proxyB } = servers
    for (const server of [a, b]) await server.command('SET', 'text', server.name)
    const get = () => (way === 'rr.run' ? rr.run((redis) => redis.get('text')) : client.get('text'))
    expect(await get()).toBe('A')
    const acceptedByA = proxyA.accepted
    await a.freeze() // none of them is answered before it is killed
    const all = upTo(1000).map(get)
    void a.kill()
    proxyA.cut()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['B']))
    // That of `run`, and that of the client.
    await waitFor(() => client.status === 'ready')
    expect(proxyB.accepted).toBe(2)
    expect(proxyA.accepted).toBe(acceptedByA)
  })

  it('takes about as long as a fresh connect and 1,000 GETs', async () => {
    const own: number[] = []
    const fresh: number[] = []
    for (const _ of upTo(7)) {
      const round = await killed()
      own.push(round.own)
      fresh.push(round.fresh)
    }
    expect(Math.min(...own)).toBeLessThan(3 * 1.5 * Math.min(...fresh))
  })
})

/** Milliseconds from the close of a killed server's connections to the last of 1,000 GETs, and what it takes at least. */
async function killed(): Promise<{ own: number; fresh: number }> {
  await using a = await startRedis({ name: 'A' })
  await using b = await startRedis({ name: 'B' })
  await using rr = new RedisRoundRobin([a.url, b.url])
  const client = rr.client()
  await client.get('text')
  await a.freeze()
  const closed = new Promise<number>((resolve) => client.once('close', () => resolve(performance.now())))
  const all = upTo(1000).map(() => client.get('text'))
  void a.kill()
  const since = await closed
  await Promise.all(all)
  const own = performance.now() - since
  const begun = performance.now()
  const plain = new Redis(b.url)
  await Promise.all(upTo(1000).map(() => plain.get('text')))
  const fresh = performance.now() - begun
  plain.disconnect()
  return { own, fresh }
}

describe('G9 a server that is frozen', () => {
  it('is left by all clients within the heartbeat and its time-out; a BLPOP on it ends too', async () => {
    await using servers = await twoServers({ heartbeatMs: 500, probeTimeoutMs: 1000 })
    const { rr, client, a, b } = servers
    for (const server of [a, b]) await server.command('SET', 'text', server.name)
    const other = rr.client()
    expect(await Promise.all([client.get('text'), other.get('text')])).toEqual(['A', 'A'])
    const popped = rr
      .client()
      .blpop('nothing', 0)
      .catch((error) => error)
    await waitFor(async () => (await a.command('CLIENT', 'LIST')).includes('cmd=blpop'))
    await a.freeze()
    const begun = performance.now()
    const answers = await Promise.all([client.get('text'), other.get('text'), rr.run((redis) => redis.get('text'))])
    expect(answers).toEqual(['B', 'B', 'B'])
    expect(await popped).toMatchObject({ outcome: 'unknown' })
    expect(performance.now() - begun).toBeLessThan(3 * 1500)
  })
})

describe('G11 a primary that is demoted without dropping a connection', () => {
  it('is left on the first write it refuses, by all clients, and the write is done', async () => {
    await using servers = await pair({ heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr, client, a, b } = servers
    const other = rr.client()
    await Promise.all([client.set('x', '1'), other.set('y', '1')])
    await waitFor(async () => (await b.command('EXISTS', 'x', 'y')) === '2')
    await b.promote()
    await a.command('REPLICAOF', '127.0.0.1', String(b.port))
    const results = await Promise.all(upTo(1000).map(() => client.incr('n')))
    expect(results).toEqual(upTo(1000))
    await waitFor(() => client.status === 'ready' && other.status === 'ready')
    expect(await Promise.all([portOf(client), portOf(other)])).toEqual([b.port, b.port])
    expect(rr.providers.find(({ state }) => state === 'current')?.provider).toContain(String(servers.proxyB.port))
  })

  it('is left on the next heartbeat though nobody writes: a subscriber hears the next message', async () => {
    await using servers = await pair({ heartbeatMs: 200 })
    const { rr, a, b } = servers
    const subscriber = rr.client()
    const messages: string[] = []
    const gaps: unknown[] = []
    subscriber.on('message', (_, message) => messages.push(message))
    subscriber.on('gap', (gap) => gaps.push(gap))
    await subscriber.subscribe('news')
    await b.promote()
    await a.command('REPLICAOF', '127.0.0.1', String(b.port))
    await waitFor(() => gaps.length > 0)
    expect(gaps).toEqual([{ provider: `127.0.0.1:${servers.proxyB.port}`, channels: ['news'], patterns: [] }])
    await b.command('PUBLISH', 'news', 'heard')
    await waitFor(() => messages.length > 0)
    expect(messages).toEqual(['heard'])
  })

  it('is left on the next heartbeat, though it can still be read', async () => {
    await using servers = await twoServers({ heartbeatMs: 20 })
    const { rr, client, a, proxyA } = servers
    await Promise.all([rr.connect(), client.ping()])
    await waitFor(() => proxyA.accepted === 3) // the connection of the heartbeat is there
    const bytes = proxyA.bytesUp
    await waitFor(() => proxyA.bytesUp > bytes + 500) // and has asked several times
    const moved = new Promise((resolve) => rr.on('failover', resolve))
    await a.command('REPLICAOF', '127.0.0.1', '1')
    expect(await moved).toMatchObject({ reason: 'probe' })
    await waitFor(() => client.options.port === servers.proxyB.port)
  })

  it('in a MULTI: the transaction ends with an error that says so, and the client moves', async () => {
    await using servers = await pair()
    const { client, rr, a, b } = servers
    await client.set('x', '1')
    await b.promote()
    await a.command('REPLICAOF', '127.0.0.1', String(b.port))
    const error = await client
      .multi()
      .set('x', '2')
      .exec()
      .catch((reason) => reason)
    expect(error).toMatchObject({
      name: 'ReplyError',
      previousErrors: [{ message: expect.stringMatching(/^READONLY/) }],
    })
    expect(await rr.transaction((transaction) => transaction.set('x', '3'))).toEqual([[null, 'OK']])
    await client.set('y', '1')
    expect(await b.command('MGET', 'x', 'y')).toBe('3\n1')
  })

  it('is stayed with by a role of any, until a write is refused', async () => {
    await using servers = await pair({ role: 'any', heartbeatMs: 100 })
    const { client, rr, a, b } = servers
    await client.set('x', '1')
    await b.promote()
    await a.command('REPLICAOF', '127.0.0.1', String(b.port))
    const [before] = [rr.current]
    await rr.run((redis) => redis.get('x'))
    expect(rr.current).toBe(before)
    await client.set('x', '2')
    expect(rr.current).not.toBe(before)
  })

  it('a role of replica goes to the replica, and a write there is the caller’s own fault', async () => {
    await using servers = await pair({ role: 'replica' })
    const { client, rr } = servers
    await expect(client.set('x', '1')).rejects.toThrow(/^READONLY/)
    await expect(rr.run((redis) => redis.set('x', '1'))).rejects.toThrow(/^READONLY/)
    expect(rr.current).toBe(urlOf(servers.proxyB))
  })
})

describe('G1 a server that is well', () => {
  it('is not left because an idle connection was ended: its client connects again', async () => {
    await using servers = await twoServers()
    const { client, rr, a } = servers
    await client.set('x', '1')
    const id = await client.client('ID')
    const failovers: unknown[] = []
    rr.on('failover', (event) => failovers.push(event))
    const closed = new Promise((resolve) => client.once('close', resolve))
    await a.command('CLIENT', 'KILL', 'ID', String(id))
    await closed
    expect(await client.get('x')).toBe('1')
    expect(failovers).toEqual([])
  })

  it('is not left because it closes what is idle: nothing of ours is, for longer than a heartbeat', async () => {
    await using servers = await twoServers({ heartbeatMs: 100 })
    const { client, rr, a } = servers
    await Promise.all([client.ping(), rr.run((redis) => redis.ping())])
    const transaction = rr.client()
    await transaction.multi({ pipeline: false })
    const events: unknown[] = []
    client.on('close', () => events.push('close'))
    rr.on('failover', (event) => events.push(event))
    const idle = new Redis(a.url, { retryStrategy: () => null })
    await idle.ping()
    const closed = new Promise((resolve) => idle.once('close', resolve))
    await a.command('CONFIG', 'SET', 'timeout', '1')
    await closed
    expect(events).toEqual([])
    await transaction.ping().catch(() => {}) // it was idle, as nothing may be said in a MULTI
    expect(await client.get('x')).toBeNull()
  })

  it('is not left while a client waits in a BLPOP for longer than heartbeat and probe', async () => {
    await using servers = await twoServers({ heartbeatMs: 50, probeTimeoutMs: 2000 })
    const { client, rr, a, proxyA } = servers
    const popped = Promise.all([client.blpop('list', 0), rr.run((redis) => redis.blpop('other', 0))])
    await waitFor(async () => (await a.command('CLIENT', 'LIST')).match(/cmd=blpop/g)?.length === 2)
    // Several heartbeats.
    const bytes = proxyA.bytesUp
    await waitFor(() => proxyA.bytesUp > bytes + 200)
    await a.command('RPUSH', 'list', '1')
    await a.command('RPUSH', 'other', '2')
    expect(await popped).toEqual([
      ['list', '1'],
      ['other', '2'],
    ])
  })

  it('is not left while it sends a reply of 300 MB', async () => {
    await using servers = await twoServers({ heartbeatMs: 100, probeTimeoutMs: 2000 })
    const { client, rr, a } = servers
    await client.call('SETRANGE', 'big', 300_000_000 - 1, 'x')
    const failovers: unknown[] = []
    rr.on('failover', (event) => failovers.push(event))
    expect((await client.getBuffer('big'))?.length).toBe(300_000_000)
    await waitFor(async () => (await a.command('PING')) === 'PONG')
    expect(failovers).toEqual([])
  })
})

async function portOf(client: Redis): Promise<number> {
  return Number(/^tcp_port:(\d+)/m.exec(await client.info('server'))?.[1])
}

describe('a provider that takes no new connection', () => {
  it('G5 is left by a client whose connection is accepted and not answered, after connectTimeoutMs', async () => {
    await using servers = await twoServers({ connectTimeoutMs: 1000, heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr, client, proxyA } = servers
    await client.ping()
    await proxyA.mute()
    const other = rr.client()
    expect(await other.ping()).toBe('PONG')
    expect(await portOf(other)).toBe(servers.b.port)
  })

  it('is left by a client whose connection is refused', async () => {
    await using servers = await twoServers()
    const { rr, client, proxyA } = servers
    await client.ping()
    await proxyA.refuse()
    const other = rr.client()
    expect(await portOf(other)).toBe(servers.b.port)
    await waitFor(() => client.options.port === servers.proxyB.port)
  })
})

describe('a provider that comes back', () => {
  it('G8 after all were down: commands that waited have ended with what each provider said, and the next succeed', async () => {
    await using a = await startRedis({ name: 'A' })
    await using b = await startRedis({ name: 'B' })
    await using rr = new RedisRoundRobin([a.url, b.url], { backoff: { initialMs: 1, maxMs: 10 } })
    const client = rr.client()
    await client.set('x', '1')
    await Promise.all([a.kill(), b.kill()])
    const error = await client.get('x').catch((reason) => reason)
    expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' })
    expect(error.attempts.map(({ provider }: { provider: string }) => provider)).toContain(`127.0.0.1:${b.port}`)
    await b.restart()
    await waitFor(() => client.status === 'ready')
    expect(await client.set('x', '2')).toBe('OK')
  })

  it('G12 a client makes no more dials than the engine lets it', async () => {
    await using a = await startRedis({ name: 'A' })
    await using proxy = await startProxy(a)
    await using rr = new RedisRoundRobin([urlOf(proxy)], { backoff: { initialMs: 1000, maxMs: 1000 } })
    const client = rr.client()
    await client.ping()
    await proxy.reset()
    const before = proxy.accepted
    await expect(client.ping()).rejects.toMatchObject({ code: 'TOURNIQUET_EXHAUSTED' })
    expect(proxy.accepted - before).toBeLessThanOrEqual(2) // of one round and the next
    await proxy.pass()
    await waitFor(() => client.status === 'ready')
  })
})
