import { Command, Redis, ReplyError } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { below, oneServer, rejection, subjects, told } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('commands of $name', ({ open }) => {
  it('are those of a Redis of ioredis', async () => {
    await using opened = open(server().url)
    expect(opened.client).toBeInstanceOf(Redis)
    expect(opened.client.isCluster).toBe(false)
    expect(opened.client.mode).toBe('normal')
  })

  it('strings', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.set('text', 'a')).toBe('OK')
    expect(await client.get('text')).toBe('a')
    expect(await client.get('none')).toBeNull()
    expect(await client.append('text', 'ä€😀')).toBe(10)
    expect(await client.get('text')).toBe('aä€😀')
    expect(await client.set('text', 'b', 'EX', 100, 'NX')).toBeNull()
    expect(await client.set('other', 'b', 'PX', 100_000, 'NX')).toBe('OK')
    expect(await client.pttl('other')).toBeGreaterThan(0)
    expect(await client.incrby('number', 41)).toBe(41)
    expect(await client.incrbyfloat('number', 0.5)).toBe('41.5')
    expect(await client.mset({ x: '1', y: '2' })).toBe('OK')
    expect(await client.mset(new Map([['z', '3']]))).toBe('OK')
    expect(await client.mget(['x', 'none', 'y', 'z'])).toEqual(['1', null, '2', '3'])
    expect(await client.exists('x', 'y', 'none')).toBe(2)
    expect(await client.del(['x', 'y'])).toBe(2)
    expect(await client.getdel('z')).toBe('3')
    expect(await client.dbsize()).toBe(3)
  })

  it('hashes', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.hset('hash', { a: '1', b: 2 })).toBe(2)
    expect(await client.hset('hash', new Map([['c', 3]]))).toBe(1)
    expect(await client.hset('hash', 'd', 4, 'e', 5)).toBe(2)
    expect(await client.hgetall('hash')).toEqual({ a: '1', b: '2', c: '3', d: '4', e: '5' })
    expect(await client.hgetall('none')).toEqual({})
    expect(await client.hmget('hash', 'a', 'none')).toEqual(['1', null])
    expect(await client.hincrby('hash', 'a', 10)).toBe(11)
    expect((await client.hkeys('hash')).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await client.hexists('hash', 'none')).toBe(0)
  })

  it('lists and sets', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.rpush('list', 1, '2', Buffer.from('3'))).toBe(3)
    expect(await client.lrange('list', 0, -1)).toEqual(['1', '2', '3'])
    expect(await client.lpop('list', 2)).toEqual(['1', '2'])
    expect(await client.lmove('list', 'other', 'LEFT', 'RIGHT')).toBe('3')
    expect(await client.lpop('list')).toBeNull()
    expect(await client.sadd('set', ...['a', 'b'], 'c')).toBe(3)
    expect((await client.smembers('set')).sort()).toEqual(['a', 'b', 'c'])
    expect(await client.sismember('set', 'a')).toBe(1)
    expect(await client.smismember('set', 'a', 'none')).toEqual([1, 0])
  })

  it('sorted sets', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.zadd('sorted', '1', 'a', 2.5, 'b', '+inf', 'c')).toBe(3)
    expect(await client.zrange('sorted', '0', '-1', 'WITHSCORES')).toEqual(['a', '1', 'b', '2.5', 'c', 'inf'])
    expect(await client.zscore('sorted', 'b')).toBe('2.5')
    expect(await client.zscore('sorted', 'none')).toBeNull()
    expect(await client.zincrby('sorted', '1', 'a')).toBe('2')
    expect(await client.zrank('sorted', 'b')).toBe(1)
    expect(await client.zpopmin('sorted')).toEqual(['a', '2'])
    expect(await client.geoadd('places', 13.36, 38.12, 'here')).toBe(1)
    expect((await client.geopos('places', 'here', 'none')).map((position) => position?.length)).toEqual([2, undefined])
  })

  it('streams', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.xadd('stream', '1-1', 'field', 'a')).toBe('1-1')
    expect(await client.xadd('stream', '1-2', 'field', 'b')).toBe('1-2')
    expect(await client.xrange('stream', '-', '+')).toEqual([
      ['1-1', ['field', 'a']],
      ['1-2', ['field', 'b']],
    ])
    expect(await client.xread('COUNT', 1, 'STREAMS', 'stream', '0')).toEqual([['stream', [['1-1', ['field', 'a']]]]])
    expect(await client.xread('STREAMS', 'stream', '1-2')).toBeNull()
    expect(await client.xgroup('CREATE', 'stream', 'group', '0')).toBe('OK')
    expect(await client.xreadgroup('GROUP', 'group', 'me', 'COUNT', 1, 'STREAMS', 'stream', '>')).toEqual([
      ['stream', [['1-1', ['field', 'a']]]],
    ])
    expect(await client.xack('stream', 'group', '1-1', '1-2')).toBe(1)
    expect(await client.xlen('stream')).toBe(2)
  })

  it('bytes go in and come out as they are', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const bytes = Buffer.from(below(256))
    await client.set(bytes, bytes)
    expect(await client.getBuffer(bytes)).toEqual(bytes)
    await client.hset('hash', 'field', bytes)
    expect(await client.hgetallBuffer('hash')).toEqual({ field: bytes })
    await client.rpush('list', bytes, 'a')
    expect(await client.lrangeBuffer('list', 0, -1)).toEqual([bytes, Buffer.from('a')])
    expect(await client.mgetBuffer(bytes, 'none')).toEqual([bytes, null])
    const dump = await client.dumpBuffer('list')
    expect(await client.restore('copy', 0, dump)).toBe('OK')
    expect(await client.lindexBuffer('copy', 0)).toEqual(bytes)
    expect(await client.callBuffer('GET', bytes)).toEqual(bytes)
  })

  it('a value of 5 MB', async () => {
    await using opened = open(server().url)
    const long = 'long '.repeat(1_000_000)
    await opened.client.set('long', long)
    expect((await opened.client.get('long')) === long).toBe(true)
  })

  it('1,000 at a time are answered each with its own', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const echoes = below(1000).map((index) => (index % 2 ? client.echo(`${index}`) : client.incr('number')))
    expect(await Promise.all(echoes)).toEqual(below(1000).map((index) => (index % 2 ? `${index}` : index / 2 + 1)))
  })

  it('an error is a ReplyError with the command', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.set('text', 'a')
    const error = await rejection(client.lpush('text', 'b'))
    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toMatchObject({
      name: 'ReplyError',
      message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
      command: { name: 'lpush', args: ['text', 'b'] },
    })
    expect(await rejection(client.set('text', 'b', 'nonsense' as 'EX', 1))).toMatchObject({
      message: 'ERR syntax error',
    })
    expect(await rejection(client.eval('return redis.error_reply("MINE is wrong")', 0))).toMatchObject({
      message: expect.stringContaining('MINE is wrong'),
    })
    expect(await client.get('text')).toBe('a')
  })

  it('an unknown command is refused by the server', async () => {
    await using opened = open(server().url)
    const error = await rejection(opened.client.call('NOSUCH', 'a'))
    expect(error).toBeInstanceOf(ReplyError)
    expect(error.message).toMatch(/^ERR unknown command 'NOSUCH', with args beginning with: 'a'/)
  })

  it('call takes what a method takes', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.call('SET', 'text', 'a')).toBe('OK')
    expect(await client.call('get', 'text')).toBe('a')
    expect(await client.call('MGET', ['text', 'none'])).toEqual(['a', null])
    expect(await client.call('OBJECT', 'ENCODING', 'text')).toBe('embstr')
    expect(await told((callback) => client.call('GET', 'text', callback))).toEqual([null, 'a'])
  })

  it('a callback is told as the promise is', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await told((callback) => client.set('text', 'a', callback))).toEqual([null, 'OK'])
    expect(await told((callback) => client.get('text', callback))).toEqual([null, 'a'])
    expect(await told((callback) => client.getBuffer('text', callback))).toEqual([null, Buffer.from('a')])
    const [error, ...more] = await told((callback) => client.incr('text', callback))
    expect(error).toMatchObject({ name: 'ReplyError', message: 'ERR value is not an integer or out of range' })
    expect(more).toEqual([])
  })

  it('arguments of all types that ioredis takes', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.rpush('list', 1, 1.5, '', Buffer.alloc(0), 'ä')
    expect(await client.lrange('list', 0, -1)).toEqual(['1', '1.5', '', '', 'ä'])
    await client.set('text', null as unknown as string)
    expect(await client.get('text')).toBe('')
  })

  it('sendCommand takes a Command, and createBuiltinCommand makes a method', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const command = new Command('set', ['text', 'a'], { replyEncoding: 'utf8' })
    void client.sendCommand(command)
    expect(await command.promise).toBe('OK')
    client.addBuiltinCommand('newer')
    const { string, buffer } = client.createBuiltinCommand('get')
    expect(await string.call(client, 'text')).toBe('a')
    expect(await buffer.call(client, 'text')).toEqual(Buffer.from('a'))
    expect(client.getBuiltinCommands()).toContain('get')
  })

  it('a command that is no function of the server is not there', async () => {
    await using opened = open(server().url)
    expect((opened.client as unknown as Record<string, unknown>).nosuch).toBeUndefined()
  })

  it('info, config, client and object tell of the server', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.info('server')).toContain(`tcp_port:${server().port}`)
    expect(await client.config('GET', 'port')).toEqual(['port', String(server().port)])
    expect(await client.client('ID')).toBeGreaterThan(0)
    expect(await client.client('LIST')).toContain('cmd=client|list')
    expect(await client.ping()).toBe('PONG')
    expect(await client.ping('a')).toBe('a')
    expect(await client.time()).toHaveLength(2)
    expect(await client.role()).toEqual(['master', expect.any(Number), []])
  })

  it('wait, sort and bit operations', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.rpush('list', 3, 1, 2)
    expect(await client.sort('list', 'DESC')).toEqual(['3', '2', '1'])
    expect(await client.setbit('bits', 7, 1)).toBe(0)
    expect(await client.bitcount('bits')).toBe(1)
    expect(await client.wait(0, 10)).toBe(0)
    expect(await client.type('list')).toBe('list')
    expect(await client.pfadd('many', 'a', 'b')).toBe(1)
    expect(await client.pfcount('many')).toBe(2)
  })
})
