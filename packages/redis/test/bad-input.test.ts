import { createServer, type Server } from 'node:net'
import { inspect } from 'node:util'
import { startProxy, startRedis, startRedisPair, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { RedisConnector, RedisRoundRobin, type RedisSource } from '../src/index.ts'
import { twoServers, urlOf } from './two-servers.ts'

const url = 'redis://127.0.0.1:6379'

describe('a source or option that is not as expected: an error at once that names it', () => {
  it.each<[string, unknown, RegExp]>([
    ['an HTTP URL', 'http://127.0.0.1:80', /a URL that begins with http:\/\//],
    ['an empty text', '', /an empty text/],
    ['a text with a space', 'host port', /a text with a space/],
    ['a number', 6379, /got number/],
    ['null', null, /got object/],
    ['an object without an address', {}, /none of host, port and path/],
    ['a port out of range', { host: 'a', port: 70_000 }, /its port is 70000/],
    ['sentinels', { sentinels: [], name: 'mymaster' }, /sentinels .* without Sentinel/],
    ['what cannot be set', { host: 'a', retryStrategy: null }, /an option of a source: retryStrategy cannot be set/],
    ['what is of all servers', { host: 'a', keyPrefix: 'x' }, /keyPrefix .* option redis/],
  ])('source: %s', (_, source, expected) => {
    const wrong = () => new RedisRoundRobin([source as RedisSource])
    expect(wrong).toThrow(expected)
    expect(wrong).toThrow(expect.objectContaining({ code: 'TOURNIQUET_INVALID' }))
  })

  it.each<[string, object, RegExp]>([
    ['role', { role: 'primary' }, /role must be 'master', 'replica' or 'any'; got "primary"/],
    ['redis', { redis: 'x' }, /redis must be an object/],
    ['retryStrategy', { redis: { retryStrategy: () => 1 } }, /redis\.retryStrategy cannot be set: the option backoff/],
    ['maxRetriesPerRequest', { redis: { maxRetriesPerRequest: 1 } }, /redis\.maxRetriesPerRequest .* maxAttempts/],
    ['commandTimeout', { redis: { commandTimeout: 1 } }, /redis\.commandTimeout/],
    ['host', { redis: { host: 'a' } }, /redis\.host .* of a source/],
    ['an option nobody knows', { hearbeatMs: 1 }, /hearbeatMs/],
  ])('option: %s', (_, options, expected) => {
    const wrong = () => new RedisRoundRobin([url], options)
    expect(wrong).toThrow(expected)
    expect(wrong).toThrow(expect.objectContaining({ code: 'TOURNIQUET_INVALID' }))
  })

  it('sources with different databases, at construction and later', async () => {
    expect(() => new RedisRoundRobin([`${url}/1`, 'redis://127.0.0.1:6380/2'])).toThrow(
      /same db, 1; 127\.0\.0\.1:6380 has 2/,
    )
    await using rr = new RedisRoundRobin([`${url}/1`])
    expect(() => rr.setSources([`${url}/1`, 'redis://127.0.0.1:6380'])).toThrow(/same db/)
  })

  it('an option of a client', async () => {
    await using rr = new RedisRoundRobin([url])
    expect(() => rr.client({ retryStrategy: () => null })).toThrow(/retryStrategy/)
    expect(() => rr.client({ host: 'elsewhere' })).toThrow(/host/)
  })

  it('a connector’s options', () => {
    expect(() => new RedisConnector({ role: 'x' as 'any' })).toThrow(/role/)
  })

  it('no password is shown', () => {
    const secret = 'redis://user:secret@127.0.0.1:6379'
    const ids = new RedisRoundRobin([secret]).providers.map(({ provider }) => provider)
    expect(ids).toEqual(['127.0.0.1:6379'])
    expect(() => new RedisRoundRobin([secret, secret])).toThrow(/^(?!.*secret)/)
    for (const wrong of [secret.replace('6379', '99999'), secret.replace('secret', 'p%secret')]) {
      const error = thrownBy(() => new RedisRoundRobin([wrong]))
      expect(error).toMatchObject({ code: 'TOURNIQUET_INVALID' })
      expect(inspect(error)).not.toContain('secret')
    }
  })
})

describe('a wrong password', () => {
  it.each(['rr.client()', 'rr.run'])('%s: the server’s own words, once; nobody tries again by himself', async (way) => {
    await using a = await startRedis({
      args: ['--requirepass', 'right'],
      cliArgs: ['-a', 'right', '--no-auth-warning'],
    })
    await using proxy = await startProxy(a)
    await using rr = new RedisRoundRobin([`redis://:wrong-one@${proxy.host}:${proxy.port}`])
    const client = rr.client({ lazyConnect: true })
    const get = () => (way === 'rr.run' ? rr.run((redis) => redis.get('x')) : client.get('x'))
    const error = await get().catch((reason) => reason)
    expect(error).toMatchObject({ name: 'ReplyError', message: expect.stringMatching(/^WRONGPASS/) })
    expect(inspect(error, { depth: 9 })).not.toContain('wrong-one')
    for (const _ of [1, 2, 3, 4, 5]) await a.command('PING')
    expect(proxy.accepted).toBe(1)
    await expect(get()).rejects.toThrow(/^WRONGPASS/)
    expect(proxy.accepted).toBe(2)
  })

  it('none where one is needed', async () => {
    await using a = await startRedis({
      args: ['--requirepass', 'right'],
      cliArgs: ['-a', 'right', '--no-auth-warning'],
    })
    await using rr = new RedisRoundRobin([a.url])
    await expect(rr.client().get('x')).rejects.toThrow(/^NOAUTH/)
  })

  it('a client hears of it as "error", if it listens', async () => {
    await using a = await startRedis({
      args: ['--requirepass', 'right'],
      cliArgs: ['-a', 'right', '--no-auth-warning'],
    })
    await using rr = new RedisRoundRobin([`redis://:wrong-one@${a.host}:${a.port}`])
    const client = rr.client()
    const error = await new Promise((resolve) => client.once('error', resolve))
    expect(error).toMatchObject({ message: expect.stringMatching(/^WRONGPASS/) })
    expect(inspect(error, { depth: 9 })).not.toContain('wrong-one')
  })
})

describe('a source that is no Redis', () => {
  it.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ['garbage', '\0\x01\x02\r\n'.repeat(100)],
  ])('%s: is passed over, and named where no other is there', async (_, words) => {
    await using a = await startRedis()
    const other = await answering(words)
    try {
      await using both = new RedisRoundRobin([urlOf(addressOf(other)), a.url])
      expect(await both.client().ping()).toBe('PONG')
      await using alone = new RedisRoundRobin([urlOf(addressOf(other))], { backoff: { initialMs: 1, maxMs: 1 } })
      const error = await alone.run((redis) => redis.ping()).catch((reason) => reason)
      expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' })
      expect(String(error.cause)).toMatch(/127\.0\.0\.1:\d+ does not speak the Redis protocol/)
    } finally {
      other.close()
    }
  })
})

describe('a role that no provider has', () => {
  it('the error says what each one is', async () => {
    await using pair = await startRedisPair()
    const { primary, replica } = pair
    await using rr = new RedisRoundRobin([replica.url], { backoff: { initialMs: 1, maxMs: 1 } })
    const error = await rr
      .client()
      .set('x', '1')
      .catch((reason) => reason)
    expect(error.errors.map(String)).toContainEqual(
      `Error: 127.0.0.1:${replica.port} is a replica, and a master is wanted`,
    )
    await using other = new RedisRoundRobin([primary.url], { role: 'replica', backoff: { initialMs: 1, maxMs: 1 } })
    const wrong = await other.run((redis) => redis.get('x')).catch((reason) => reason)
    expect(wrong.errors.map(String)).toContainEqual(
      `Error: 127.0.0.1:${primary.port} is a master, and a replica is wanted`,
    )
  })
})

describe('a value of 512 MB', () => {
  it('is the longest: one that is longer is the caller’s own error, and moves nobody', async () => {
    await using servers = await twoServers()
    const { client, rr } = servers
    expect(await client.setrange('big', 512 * 1024 * 1024 - 1, 'x')).toBe(512 * 1024 * 1024)
    await expect(client.setrange('big', 512 * 1024 * 1024, 'x')).rejects.toThrow(/exceeds maximum allowed/)
    expect(await client.strlen('big')).toBe(512 * 1024 * 1024)
    expect(rr.current).toBe(urlOf(servers.proxyA))
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

async function answering(words: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(words))
  })
  server.listen(0, '127.0.0.1')
  await waitFor(() => server.listening)
  return server
}

function addressOf(server: Server): { host: string; port: number } {
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
}
