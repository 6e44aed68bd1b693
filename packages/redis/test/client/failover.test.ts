import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { Gap } from '../../src/index.ts'
import { type TwoServers, twoServers } from '../two-servers.ts'
import { below, rejection } from './subjects.ts'

/** A is gone, as after a power failure. */
async function killA({ a, proxyA }: TwoServers): Promise<void> {
  await a.kill()
  proxyA.cut()
}

/** What is sent from now on is written, and not answered: then A is gone. */
async function inFlight<T>(servers: TwoServers, send: () => T): Promise<T> {
  const { proxyA } = servers
  await proxyA.freeze()
  const sent = send()
  await new Promise(setImmediate) // as auto-pipelining sends only then
  await proxyA.reset()
  await servers.a.kill()
  return sent
}

const portOf = async (client: Redis) => Number(/tcp_port:(\d+)/.exec(await client.info('server'))?.[1])
const words = (messages: readonly unknown[][]) => messages.map(([, text]) => text)

function listen(client: Redis): { messages: unknown[][]; gaps: Gap[]; order: string[] } {
  const heard = { messages: [] as unknown[][], gaps: [] as Gap[], order: [] as string[] }
  const message = (...told: unknown[]) => {
    heard.messages.push(told)
    heard.order.push('message')
  }
  client.on('message', message)
  client.on('pmessage', (_pattern, ...told) => message(...told))
  client.on('smessage', message)
  client.on('gap', (gap: Gap) => {
    heard.gaps.push(gap)
    heard.order.push('gap')
  })
  return heard
}

describe('the subscriptions of rr.client() over a failover', () => {
  it('are restored, and the event gap tells: what is published after it arrives', async () => {
    await using servers = await twoServers()
    const { client, a, b, proxyB } = servers
    const heard = listen(client)
    await client.subscribe('a', 'b')
    await client.psubscribe('c*')
    await client.ssubscribe('d')
    await a.command('PUBLISH', 'a', 'from A')
    await waitFor(() => heard.messages.length === 1)
    const counted = new Promise<string[]>((resolve) => {
      client.once('gap', () => {
        const all = [
          ['a', 'of B'],
          ['b', 'of B'],
          ['c1', 'of B'],
        ].map(([to, text]) => b.command('PUBLISH', `${to}`, `${text}`))
        resolve(Promise.all([...all, b.command('SPUBLISH', 'd', 'of B')]))
      })
    })
    await killA(servers)
    expect(await counted).toEqual(['1', '1', '1', '1'])
    await waitFor(() => heard.messages.length === 5)
    expect(heard.gaps).toEqual([{ provider: `127.0.0.1:${proxyB.port}`, channels: ['a', 'b', 'd'], patterns: ['c*'] }])
    expect(heard.order).toEqual(['message', 'gap', 'message', 'message', 'message', 'message'])
  })

  it('survive one failover after the other', async () => {
    await using servers = await twoServers()
    const { rr, client, a, b } = servers
    const heard = listen(client)
    await client.subscribe('a')
    for (const [index, server] of [b, a, b].entries()) {
      await rr.failover()
      await waitFor(() => heard.gaps.length === index + 1)
      expect(await server.command('PUBLISH', 'a', `${index}`)).toBe('1')
    }
    await waitFor(() => heard.messages.length === 3)
    expect(words(heard.messages)).toEqual(['0', '1', '2'])
  })

  it('are restored though the next connection is lost before they were', async () => {
    await using servers = await twoServers()
    const { client, b, proxyB } = servers
    const heard = listen(client)
    await client.subscribe('a')
    await client.psubscribe('b*')
    client.once('ready', () => proxyB.cut())
    await killA(servers)
    await waitFor(() => heard.gaps.length === 1)
    expect(heard.gaps).toEqual([{ provider: `127.0.0.1:${proxyB.port}`, channels: ['a'], patterns: ['b*'] }])
    expect(await b.command('PUBLISH', 'a', 'a')).toBe('1')
    expect(await b.command('PUBLISH', 'bc', 'bc')).toBe('1')
    await waitFor(() => heard.messages.length === 2)
    await client.ping()
    expect(heard.gaps).toHaveLength(1)
  })

  it('of which there were none: no gap', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const heard = listen(client)
    await client.subscribe('a')
    await client.unsubscribe('a')
    await killA(servers)
    expect(await portOf(client)).toBe(b.port)
    await client.ping()
    expect(heard.gaps).toEqual([])
    expect(await b.command('PUBLISH', 'a', 'text')).toBe('0')
  })

  it('a SUBSCRIBE in flight is answered by the next provider', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const heard = listen(client)
    await client.ping()
    const subscribed = await inFlight(servers, () => [client.subscribe('a', 'b'), client.psubscribe('c*')])
    expect(await Promise.all(subscribed)).toEqual([2, 3])
    for (const channel of ['a', 'b', 'c']) expect(await b.command('PUBLISH', channel, channel)).toBe('1')
    await waitFor(() => heard.messages.length === 3)
    expect(words(heard.messages)).toEqual(['a', 'b', 'c'])
  })

  it('a SUBSCRIBE in flight comes on top of those that were there', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const heard = listen(client)
    await client.subscribe('a')
    const [subscribed] = await inFlight(servers, () => [client.subscribe('b')])
    expect(await subscribed).toBe(2)
    await waitFor(() => heard.gaps.length === 1)
    for (const channel of ['a', 'b']) expect(await b.command('PUBLISH', channel, channel)).toBe('1')
    await waitFor(() => heard.messages.length === 2)
    expect(words(heard.messages)).toEqual(['a', 'b'])
  })

  it('an UNSUBSCRIBE in flight holds at the next provider', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const heard = listen(client)
    await client.subscribe('a', 'b')
    const [unsubscribed] = await inFlight(servers, () => [client.unsubscribe('a')])
    expect(await unsubscribed).toBe(1)
    expect(await b.command('PUBLISH', 'a', 'a')).toBe('0')
    expect(await b.command('PUBLISH', 'b', 'b')).toBe('1')
    await waitFor(() => heard.messages.length === 1)
    expect(words(heard.messages)).toEqual(['b'])
  })

  it('each duplicate has its own, and moves along', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const clients = [client, client.duplicate(), client.duplicate()]
    const heard = clients.map(listen)
    await Promise.all(clients.map((each, index) => each.subscribe('all', `only ${index}`)))
    await killA(servers)
    await waitFor(() => heard.every(({ gaps }) => gaps.length === 1))
    expect(await b.command('PUBLISH', 'all', 'all')).toBe('3')
    for (const index of below(3)) expect(await b.command('PUBLISH', `only ${index}`, `only ${index}`)).toBe('1')
    await waitFor(() => heard.every(({ messages }) => messages.length === 2))
    expect(heard.map(({ messages }) => words(messages))).toEqual(below(3).map((index) => ['all', `only ${index}`]))
  })
})

describe('rr.client() over a failover', () => {
  it('tells of it as ioredis tells that it connects again, and of no error', async () => {
    await using servers = await twoServers()
    const { client } = servers
    await client.ping()
    const events: string[] = []
    for (const name of ['wait', 'connecting', 'connect', 'ready', 'close', 'reconnecting', 'end', 'error']) {
      client.on(name, () => events.push(name))
    }
    await killA(servers)
    await waitFor(() => events.includes('ready'))
    expect(events).toEqual(['close', 'reconnecting', 'connecting', 'connect', 'ready'])
  })

  it('a script that the next server does not know is sent to it, and runs once', async () => {
    await using servers = await twoServers()
    const { b } = servers
    servers.client.defineCommand('push', { numberOfKeys: 1, lua: "return redis.call('RPUSH', KEYS[1], ARGV[1])" })
    const client = servers.client as Redis & { push(key: string, value: string): Promise<number> }
    expect([await client.push('list', 'a'), await client.push('list', 'b')]).toEqual([1, 2])
    await killA(servers)
    const pipeline = client.pipeline() as unknown as { push(...words: string[]): void; exec(): Promise<unknown> }
    pipeline.push('list', '0')
    pipeline.push('list', '1')
    expect(await pipeline.exec()).toEqual([
      [null, 1],
      [null, 2],
    ])
    await b.command('SCRIPT', 'FLUSH')
    expect(await Promise.all(below(10).map((index) => client.push('list', `${index + 2}`)))).toEqual(
      below(10).map((index) => index + 3),
    )
    expect(await b.command('LRANGE', 'list', '0', '-1')).toBe(below(12).join('\n'))
  })

  it('a read-only script in flight is sent again, with its text', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await b.command('SET', 'text', 'of B')
    client.defineCommand('look', { numberOfKeys: 1, readOnly: true, lua: "return redis.call('GET', KEYS[1])" })
    const scripted = client as Redis & { look(key: string): Promise<string> }
    expect(await scripted.look('text')).toBeNull()
    const sent = await inFlight(servers, () => below(5).map(() => scripted.look('text')))
    expect(await Promise.all(sent)).toEqual(below(5).map(() => 'of B'))
  })

  it('auto-pipelined reads in flight are answered by the next provider', async () => {
    await using servers = await twoServers({ redis: { enableAutoPipelining: true } })
    const { client, b } = servers
    for (const index of below(10)) await b.command('SET', `${index}`, `${index} of B`)
    await client.ping()
    const sent = await inFlight(servers, () => below(100).map((index) => client.get(`${index % 10}`)))
    expect(await Promise.all(sent)).toEqual(below(100).map((index) => `${index % 10} of B`))
  })

  it('the db that was selected is selected, also for what is sent while it connects', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.select(5)
    const sent: Promise<unknown>[] = []
    for (const event of ['close', 'reconnecting', 'connecting', 'connect', 'ready']) {
      client.once(event, () => sent.push(client.incr('number')))
    }
    await killA(servers)
    await waitFor(() => sent.length === 5)
    expect(new Set(await Promise.all(sent))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(await b.command('-n', '5', 'GET', 'number')).toBe('5')
    expect(await b.command('EXISTS', 'number')).toBe('0')
  })

  it('a db that is selected while it connects stays selected', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.select(5)
    const sent = new Promise<unknown>((resolve) => {
      client.once('connecting', () =>
        resolve(Promise.all([client.set('text', 'in 5'), client.select(6), client.set('text', 'in 6')])),
      )
    })
    await killA(servers)
    expect(await sent).toEqual(['OK', 'OK', 'OK'])
    await client.set('later', 'in 6')
    expect(await b.command('-n', '5', 'GET', 'text')).toBe('in 5')
    expect(await b.command('-n', '6', 'MGET', 'text', 'later')).toBe('in 6\nin 6')
  })

  it('a monitor hears the next server', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    const monitor = await client.monitor()
    const told: string[] = []
    monitor.on('monitor', (_time: string, args: string[]) => told.push(args.join(' ')))
    await client.echo('from A')
    await waitFor(() => told.includes('echo from A'))
    await killA(servers)
    await waitFor(async () => (await b.command('CLIENT', 'LIST')).includes('cmd=monitor'))
    await waitFor(() => String(monitor.status) === 'monitoring')
    await client.echo('from B')
    await waitFor(() => told.includes('echo from B'))
  })

  it('a monitor whose server is lost before it has begun, begins at the next', async () => {
    await using servers = await twoServers()
    const { client, b, proxyA } = servers
    await client.ping()
    const errors: unknown[] = []
    const told: string[] = []
    const monitor = client.duplicate({ monitor: true })
    monitor.on('error', (error) => errors.push(error))
    monitor.on('monitor', (_time: string, args: string[]) => told.push(args.join(' ')))
    await new Promise<void>((resolve) => {
      monitor.once('ready', () => {
        void proxyA.reset()
        resolve()
      })
    })
    await waitFor(async () => (await b.command('CLIENT', 'LIST')).includes('cmd=monitor'))
    await waitFor(() => String(monitor.status) === 'monitoring')
    await b.command('ECHO', 'from B')
    await waitFor(() => told.includes('ECHO from B'))
    expect(errors).toEqual([])
  })

  it('monitor() fails where no server is up', async () => {
    await using servers = await twoServers({ maxAttempts: 2 })
    const { client, a, b } = servers
    await client.ping()
    for (const server of [a, b]) await server.kill()
    expect(await rejection(client.monitor())).toMatchObject({ name: 'ExhaustedError' })
  })

  it('XREAD BLOCK goes on at the next server, as it changes nothing', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.ping()
    const [read] = await inFlight(servers, () => [client.xread('BLOCK', 0, 'STREAMS', 'stream', '$')])
    await waitFor(async () => (await b.command('CLIENT', 'LIST')).includes('cmd=xread'))
    await b.command('XADD', 'stream', '1-1', 'field', 'a')
    expect(await read).toEqual([['stream', [['1-1', ['field', 'a']]]]])
  })

  it('BLPOP ends with an error, as it may have taken something, and is back at work at once', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.ping()
    const [popped] = await inFlight(servers, () => [rejection(client.blpop('list', 0))])
    expect(await popped).toMatchObject({ name: 'OutcomeUnknownError', outcome: 'unknown' })
    const again = client.blpop('list', 0)
    await b.command('RPUSH', 'list', 'a')
    expect(await again).toEqual(['list', 'a'])
  })

  it('a duplicate that is made after it is with the provider of all', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await killA(servers)
    await client.ping()
    expect(await portOf(client.duplicate())).toBe(b.port)
    expect(servers.rr.client().status).toBe('connecting')
  })
})
