import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { below, oneServer, rejection, subjects, told } from './subjects.ts'

const server = oneServer()
const publish = (channel: string, message: string) => server().command('PUBLISH', channel, message)

/** All that a client hears. */
function heard(client: Redis): unknown[][] {
  const all: unknown[][] = []
  for (const event of ['message', 'pmessage', 'smessage']) client.on(event, (...told) => all.push([event, ...told]))
  return all
}

describe.each(subjects)('subscriptions of $name', ({ open }) => {
  it('subscribe: how many there are, then their messages', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const all = heard(client)
    expect(await client.subscribe('a', 'b')).toBe(2)
    expect(await client.subscribe('c')).toBe(3)
    expect(client.mode).toBe(client.options.protocol === 3 ? 'normal' : 'subscriber')
    for (const channel of ['a', 'c', 'none', 'b']) await publish(channel, `to ${channel}`)
    await waitFor(() => all.length === 3)
    expect(all).toEqual(['a', 'c', 'b'].map((channel) => ['message', channel, `to ${channel}`]))
  })

  it('psubscribe: with the pattern', async () => {
    await using opened = open(server().url)
    const all = heard(opened.client)
    expect(await opened.client.psubscribe('a*', '?b')).toBe(2)
    for (const channel of ['ac', 'c', 'xb']) await publish(channel, 'text')
    await waitFor(() => all.length === 2)
    expect(all).toEqual([
      ['pmessage', 'a*', 'ac', 'text'],
      ['pmessage', '?b', 'xb', 'text'],
    ])
  })

  it('ssubscribe', async () => {
    await using opened = open(server().url)
    const all = heard(opened.client)
    expect(await opened.client.ssubscribe('a')).toBe(1)
    await server().command('SPUBLISH', 'a', 'text')
    await waitFor(() => all.length === 1)
    expect(all).toEqual([['smessage', 'a', 'text']])
    expect(await opened.client.sunsubscribe('a')).toBe(0)
  })

  it('messageBuffer and pmessageBuffer: the bytes', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const bytes = Buffer.from([0, 255, 1])
    const all: unknown[][] = []
    client.on('messageBuffer', (...told) => all.push(told))
    client.on('pmessageBuffer', (...told) => all.push(told))
    await client.subscribe('a')
    await client.psubscribe('a*')
    const publisher = opened.own(client.duplicate())
    expect(await publisher.publish('a', bytes)).toBe(2)
    await waitFor(() => all.length === 2)
    expect(all).toEqual([
      [Buffer.from('a'), bytes],
      ['a*', Buffer.from('a'), bytes],
    ])
  })

  it('unsubscribe and punsubscribe, of some and of all', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const all = heard(client)
    await client.subscribe('a', 'b', 'c')
    await client.psubscribe('d*')
    expect(await client.unsubscribe('a')).toBe(3)
    for (const channel of ['a', 'b']) await publish(channel, 'text')
    await waitFor(() => all.length === 1)
    expect(await client.unsubscribe('b', 'c')).toBe(1)
    expect(await client.punsubscribe()).toBe(0)
    expect(client.mode).toBe('normal')
    expect(all).toEqual([['message', 'b', 'text']])
    expect(await client.set('text', 'a')).toBe('OK')
  })

  it('may ping, and with RESP2 nothing else', async () => {
    await using opened = open(server().url, { protocol: 2 })
    const { client } = opened
    await client.subscribe('a')
    expect(await rejection(client.get('text'))).toMatchObject({
      message: 'Connection in subscriber mode, only subscriber commands may be used',
    })
    await client.ping()
    await client.unsubscribe('a')
    expect(await client.get('text')).toBeNull()
  })

  it('a callback of subscribe is told how many there are', async () => {
    await using opened = open(server().url)
    expect(await told((callback) => opened.client.subscribe('a', 'b', callback))).toEqual([null, 2])
  })

  it('before it is connected', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    const all = heard(client)
    expect(await Promise.all([client.subscribe('a'), client.psubscribe('b*')])).toEqual([1, 2])
    await publish('a', 'text')
    await waitFor(() => all.length === 1)
  })

  it('1,000 messages, in their order', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const all = heard(client)
    await client.subscribe('a')
    const publisher = opened.own(client.duplicate())
    await Promise.all(below(1000).map((index) => publisher.publish('a', String(index))))
    await waitFor(() => all.length === 1000)
    expect(all.map(([, , message]) => message)).toEqual(below(1000).map(String))
  })

  it('are back after the connection was cut', async () => {
    await using opened = open(server().url)
    const { client } = opened
    client.on('error', () => {})
    const all = heard(client)
    await client.subscribe('a')
    await client.psubscribe('b*')
    await client.ssubscribe('c')
    const cut = new Promise((resolve) => client.once('close', resolve))
    await server().command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await cut
    await waitFor(async () => (await server().command('PUBSUB', 'NUMPAT')) === '1')
    await waitFor(async () => (await server().command('PUBSUB', 'SHARDNUMSUB', 'c')) === 'c\n1')
    expect(await publish('a', 'text')).toBe('1')
    expect(await publish('bc', 'text')).toBe('1')
    await waitFor(() => all.length === 2)
    expect(all).toEqual([
      ['message', 'a', 'text'],
      ['pmessage', 'b*', 'bc', 'text'],
    ])
  })
})
