import type { RedisOptions } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../../src/index.ts'
import { oneServer, rejection, subjects } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('options of $name', ({ open }) => {
  it('keyPrefix stands before all keys, and not before anything else', async () => {
    await using opened = open(server().url, { keyPrefix: 'app:' })
    const { client } = opened
    await client.set('a', 'a')
    await client.mset('b', 'b', 'c', 'c')
    await client.pipeline().set('d', 'd').exec()
    await client.multi().set('e', 'e').exec()
    await client.eval('return redis.call("SET", KEYS[1], ARGV[1])', 1, 'f', 'f')
    await client.call('set', 'g', 'g')
    const keys = await server().command('KEYS', '*')
    expect(keys.split('\n').sort()).toEqual('abcdefg'.split('').map((key) => `app:${key}`))
    expect(await client.get('a')).toBe('a')
    expect(await client.mget('b', 'c')).toEqual(['b', 'c'])
    expect(await client.echo('a')).toBe('a')
    expect((await client.keys('*')).length).toBe(7)
  })

  it('keyPrefix of bytes, in a script', async () => {
    await using opened = open(server().url, { keyPrefix: 'app:' })
    const { client } = opened
    client.defineCommand('keysOf', { numberOfKeys: 2, lua: 'return {KEYS[1], KEYS[2], ARGV[1]}' })
    const keysOf = (client as unknown as { keysOf(...args: string[]): Promise<string[]> }).keysOf.bind(client)
    expect(await keysOf('a', 'b', 'c')).toEqual(['app:a', 'app:b', 'c'])
    await client.set(Buffer.from([0xff]), 'x')
    expect(await client.callBuffer('KEYS', '*')).toEqual([Buffer.concat([Buffer.from('app:'), Buffer.from([0xff])])])
  })

  it('keyPrefix does not stand before channels', async () => {
    await using opened = open(server().url, { keyPrefix: 'app:' })
    const { client } = opened
    const subscriber = opened.own(client.duplicate())
    const message = new Promise((resolve) => subscriber.once('message', (...told) => resolve(told)))
    await subscriber.subscribe('news')
    expect(await client.publish('news', 'a')).toBe(1)
    expect(await message).toEqual(['news', 'a'])
  })

  it('stringNumbers', async () => {
    await using opened = open(server().url, { stringNumbers: true })
    const { client } = opened
    await client.set('number', '9007199254740993')
    expect(await client.incr('number')).toBe('9007199254740994')
  })

  it('connectionName', async () => {
    await using opened = open(server().url, { connectionName: 'mine' })
    expect(await opened.client.client('GETNAME')).toBe('mine')
    expect(opened.client.options.connectionName).toBe('mine')
  })

  it('db', async () => {
    await using opened = open(server().url, { db: 3 })
    await opened.client.set('text', 'a')
    expect(await server().command('-n', '3', 'GET', 'text')).toBe('a')
  })

  it('scripts', async () => {
    await using opened = open(server().url, { scripts: { twice: { numberOfKeys: 0, lua: 'return ARGV[1] * 2' } } })
    const client = opened.client as unknown as { twice(number: number): Promise<number> }
    expect(await client.twice(21)).toBe(42)
  })

  it('showFriendlyErrorStack', async () => {
    await using opened = open(server().url, { showFriendlyErrorStack: true })
    const stack = await opened.client.incr('a', undefined as never).catch(({ stack }: Error) => stack)
    expect(stack).toContain('options.test.ts')
  })

  it('protocol 2', async () => {
    await using opened = open(server().url, { protocol: 2 })
    await opened.client.hset('hash', { a: '1' })
    expect(await opened.client.hgetall('hash')).toEqual({ a: '1' })
    expect(await opened.client.client('LIST')).toContain('resp=2')
  })

  it('the answers of RESP3 as they are, where it is spoken', async () => {
    await using opened = open(server().url, { protocol: 3, replyMapping: 'resp3' })
    const { client } = opened
    await client.zadd('sorted', 1.5, 'a')
    const score = await client.zscore('sorted', 'a')
    const isSpoken = String(await client.client('INFO')).includes('resp=3')
    expect(score).toBe(isSpoken ? 1.5 : '1.5')
  })

  it('options are to be read, with those of ioredis as they are by default', async () => {
    await using opened = open(server().url, { keyPrefix: 'app:', lazyConnect: true })
    const { options } = opened.client
    expect(options).toMatchObject({ keyPrefix: 'app:', lazyConnect: true, db: 0, enableOfflineQueue: true })
    expect(options).toMatchObject({ enableAutoPipelining: false, noDelay: true, connectionName: null })
  })
})

describe('options of rr.client()', () => {
  it.each([
    { stringNumbers: true },
    { protocol: 2 },
    { protocol: 3, replyMapping: 'resp3' },
    { enableAutoPipelining: true, showFriendlyErrorStack: true },
  ] as RedisOptions[])('%o in the option redis keeps nobody from finding out the role of a server', async (redis) => {
    await using rr = new RedisRoundRobin([server().url], { redis })
    await using others = new RedisRoundRobin([server().url], { redis, role: 'replica' })
    expect(await rr.client().ping()).toBe('PONG')
    expect(await rr.run((redis) => redis.ping())).toBe('PONG')
    const refused = await rejection(others.client().ping())
    expect((refused.cause as Error).message).toBe(`127.0.0.1:${server().port} is a master, and a replica is wanted`)
  })

  it('come from the option redis, and those of the client on top', async () => {
    await using rr = new RedisRoundRobin([server().url], { redis: { keyPrefix: 'app:', connectionName: 'all' } })
    const first = rr.client()
    const second = rr.client({ connectionName: 'second' })
    expect([await first.client('GETNAME'), await second.client('GETNAME')]).toEqual(['all', 'second'])
    await second.set('text', 'a')
    expect(await first.get('text')).toBe('a')
    expect(await rr.run((redis) => redis.get('text'))).toBe('a')
    expect(await server().command('GET', 'app:text')).toBe('a')
  })

  it('host and port are those of the current provider once it is connected', async () => {
    await using rr = new RedisRoundRobin([server().url])
    const client = rr.client()
    await client.ping()
    expect(client.options).toMatchObject({ host: '127.0.0.1', port: server().port })
  })

  it.each([
    ['retryStrategy', () => null],
    ['maxRetriesPerRequest', 3],
    ['enableOfflineQueue', false],
    ['host', 'elsewhere'],
  ])('%s is refused: it is not for the client to say', async (option, value) => {
    await using rr = new RedisRoundRobin([server().url])
    expect(() => rr.client({ [option]: value })).toThrow(`${option} cannot be set`)
  })
})
