import { type AddressInfo, connect, createServer } from 'node:net'
import { inspect } from 'node:util'
import { type RedisServer, startRedis } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { BullMQConnector, BullMQRoundRobin } from '../src/index.ts'
import { ended, twoServers, urlOf } from './two-servers.ts'

const url = 'redis://127.0.0.1:6379'
const invalid = expect.objectContaining({ code: 'TOURNIQUET_INVALID' })

describe('an option or source that is not as expected: an error at once that names it', () => {
  it.each<[string, object, RegExp]>([
    ['queue', { queue: 'mail' }, /queue must be an object/],
    ['queue.connection', { queue: { connection: {} } }, /queue\.connection cannot be set: the sources/],
    ['redis.keyPrefix', { redis: { keyPrefix: 'x' } }, /redis\.keyPrefix .* queue\.prefix/],
    ['redis.retryStrategy', { redis: { retryStrategy: () => 1 } }, /redis\.retryStrategy cannot be set/],
    ['one nobody knows', { hearbeatMs: 1 }, /hearbeatMs/],
    [
      'queue beside a connector',
      { connector: new BullMQConnector(), queue: {} },
      /queue cannot be set beside connector/,
    ],
    ['a connector of another kind', { connector: {} }, /connector must be a BullMQConnector/],
  ])('%s', (_, options, expected) => {
    const wrong = () => new BullMQRoundRobin([url], options)
    expect(wrong).toThrow(expected)
    expect(wrong).toThrow(invalid)
  })

  it('a source', () => {
    expect(() => new BullMQRoundRobin(['http://a'])).toThrow(/a URL that begins with http/)
    expect(() => new BullMQRoundRobin([])).toThrow(invalid)
    const rr = new BullMQRoundRobin([url])
    expect(() => rr.setSources(['http://a'])).toThrow(invalid)
  })

  it('a connector’s options', () => {
    expect(() => new BullMQConnector({ queue: { connection: {} } as never })).toThrow(/queue\.connection/)
  })
})

describe('what is sent is looked at before anything is connected', () => {
  const rr = new BullMQRoundRobin([url])

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a queue with a colon', () => rr.sendJob('a:b', 'x', {}), /cannot contain a colon.*a:b/],
    ['no queue', () => rr.sendJob('', 'x', {}), /name of a queue must be a text that is not empty; got ""/],
    ['a job without a name', () => rr.sendJob('mail', undefined, {}), /name of a job must be a text/],
    [
      'options',
      () => rr.sendJob('mail', 'x', {}, 'soon' as never),
      /options of a job must be an object, or a function/,
    ],
    ['no list', () => rr.sendJobs('mail', {} as never), /jobs must be a list/],
    ['a list of others', () => rr.sendJobs('mail', ['x'] as never), /each of jobs must be \{ name, data, opts \}/],
    ['no flow', () => rr.sendFlow(undefined as never), /a flow must be/],
    [
      'a flow with a bad child',
      () => rr.sendFlow({ name: 'x', queueName: 'a', children: [{ name: 'y', queueName: 'b:c' }] }),
      /cannot contain a colon.*b:c/,
    ],
    [
      'an empty id',
      () => rr.sendJob('mail', 'x', {}, { jobId: '' }),
      /jobId of a job must be a text that is not empty/,
    ],
    ['an id that is null', () => rr.sendJob('mail', 'x', {}, { jobId: null as never }), /jobId .*; got null/],
    ['a run option', () => rr.sendJob('mail', 'x', {}, {}, { deadlineMs: -1 }), /deadlineMs/],
    ['no function', () => rr.run(undefined as never), /function/],
  ])('%s', async (_, send, expected) => {
    const { error } = await ended(send())
    expect(error?.message).toMatch(expected)
    expect(error).toMatchObject({ code: 'TOURNIQUET_INVALID' })
  })

  it.each<[string, unknown, unknown, RegExp]>([
    ['no processor', undefined, undefined, /a processor must be a function, or the path/],
    ['a file that is not there', '/nowhere/at-all.js', undefined, /not there: \/nowhere\/at-all\.js/],
    ['a connection', async () => {}, { connection: {} }, /connection cannot be set: a worker works on every provider/],
    ['concurrency', async () => {}, { concurrency: 0 }, /concurrency must be a whole number from 1; got 0/],
    ['totalConcurrency', async () => {}, { totalConcurrency: 1.5 }, /totalConcurrency must be .*; got 1.5/],
    ['a file without its ending', import.meta.filename.slice(0, -3), undefined, /not there/],
    ['what BullMQ refuses', async () => {}, { stalledInterval: 0 }, /BullMQ refuses the worker: stalledInterval/],
    ['options', async () => {}, 'fast', /options of a worker must be an object/],
  ])('worker: %s', (_, processor, options, expected) => {
    expect(() => rr.worker('mail', processor as never, options as never)).toThrow(expected)
    expect(() => rr.worker('mail', processor as never, options as never)).toThrow(invalid)
  })
})

describe('what BullMQ refuses is the caller’s: nothing moves', () => {
  it.each<[string, object, object | undefined, RegExp]>([
    ['an id that is a number', {}, { jobId: '12' }, /Custom Id cannot be integers/],
    ['an id with a colon', {}, { jobId: 'a:b' }, /Custom Id cannot contain :/],
    ['id 0', {}, { jobId: '0' }, /JobId cannot be '0'|Custom Id cannot be integers/],
    ['data that go in a circle', circular(), undefined, /circular structure/],
    ['data with a bigint', { n: 1n }, undefined, /BigInt/],
    ['data above sizeLimit', { text: 'x'.repeat(100) }, { sizeLimit: 10 }, /sizeLimit|exceeds/],
  ])('%s', async (_, data, jobOptions, expected) => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    await rr.sendJob('mail', 'x', {})
    const { accepted } = proxyA
    const sent: Promise<unknown>[] = [
      rr.sendJob('mail', 'x', data, jobOptions),
      rr.sendJobs('mail', [{ name: 'x', data, opts: jobOptions }]),
    ]
    for (const each of sent) expect((await ended(each)).error?.message).toMatch(expected)
    expect([proxyA.accepted - accepted, proxyB.accepted]).toEqual([0, 0])
  })

  it('what data() throws is thrown on', async () => {
    await using servers = await twoServers()
    const mine = new Error('mine')
    const fail = () => Promise.reject(mine)
    expect((await ended(servers.rr.sendJob('mail', 'x', fail))).error).toBe(mine)
    expect(servers.proxyB.accepted).toBe(0)
  })

  it('nor does anything move for the words of a client of his own that has ended', async () => {
    await using servers = await twoServers()
    const mine = new Error('Connection is closed.')
    const fail = () => Promise.reject(mine)
    expect((await ended(servers.rr.sendJob('mail', 'x', fail))).error).toBe(mine)
    expect((await ended(servers.rr.run(fail))).error).toBe(mine)
    expect(servers.proxyB.accepted).toBe(0)
  })
})

describe('a server that BullMQ does not like', () => {
  it('too old: it is said which, and the next one is taken', async () => {
    await using a = await startRedis({ name: 'A' })
    await using b = await startRedis({ name: 'B' })
    await using old = await olderThanItIs(a)
    const fails: string[] = []
    await using rr = new BullMQRoundRobin([old.url, b.url])
    rr.on('fail', ({ error }) => fails.push((error as Error).message))
    await rr.sendJob('mail', 'x', {})
    expect(fails).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+ is Redis 4\.\d+\.\d+; BullMQ needs 5\.0\.0 or later$/),
    ])
    expect(rr.providers[1]?.state).toBe('current')
  })

  it('one that throws keys away: there is a warning, once, that names it', async () => {
    await using a = await startRedis({ name: 'A', args: ['--maxmemory-policy', 'allkeys-lru'] })
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    for (const _ of [1, 2]) {
      await using rr = new BullMQRoundRobin([a.url])
      await rr.sendJob('mail', 'x', {})
    }
    process.off('warning', listen)
    expect(warnings.filter(({ name }) => name === 'TourniquetWarning').map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^127.0.0.1:${a.port} has maxmemory-policy allkeys-lru: .* noeviction$`)),
    ])
  })
})

it('no password is shown', async () => {
  await using a = await startRedis({
    name: 'A',
    args: ['--requirepass', 'right'],
    cliArgs: ['-a', 'right', '--no-auth-warning'],
  })
  await using rr = new BullMQRoundRobin([`redis://:wrong-secret@${a.host}:${a.port}`])
  const told: unknown[] = []
  rr.on('fail', (event) => told.push(event))
  const worker = rr.worker('mail', async () => {})
  worker.on('error', (...event) => told.push(event))
  const { error } = await ended(rr.sendJob('mail', 'x', {}, {}, { deadlineMs: 2000 }))
  expect(error).toBeDefined()
  expect(inspect([error, told, rr, urlOf(a)], { depth: 9 })).not.toContain('wrong-secret')
})

/** What passes a server on, and says that it is of version 4. */
async function olderThanItIs(server: RedisServer): Promise<AsyncDisposable & { readonly url: string }> {
  const listener = createServer((client) => {
    const socket = connect(server.port, server.host)
    client.pipe(socket).on('error', () => client.destroy())
    socket.on('data', (data) => client.write(data.toString('latin1').replace(/(redis_version:)\d/, '$14'), 'latin1'))
    client.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => listener.close(() => resolve())),
  }
}

function circular(): object {
  const data: Record<string, unknown> = {}
  data.itself = data
  return data
}
