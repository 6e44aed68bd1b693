import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { oneServer, rejection, subjects, told } from './subjects.ts'

const server = oneServer()
const names = ['wait', 'connecting', 'connect', 'ready', 'close', 'reconnecting', 'end', 'error']

/** Its events, in their order, with its status at each. */
function follow(client: Redis): string[] {
  const events: string[] = []
  for (const name of names)
    client.on(name, () => events.push(client.status === name ? name : `${name} (${client.status})`))
  return events
}

const clients = async () =>
  (await server().command('CLIENT', 'LIST')).split('\n').filter((line) => !line.includes('cmd=client'))

describe.each(subjects)('the life of $name', ({ open }) => {
  it('connects at once', async () => {
    await using opened = open(server().url)
    const events = follow(opened.client)
    expect(opened.client.status).toBe('connecting')
    await waitFor(() => opened.client.status === 'ready')
    await waitFor(() => events.includes('ready'))
    expect(events).toEqual(['connecting', 'connect', 'ready'])
  })

  it('lazyConnect: with the first command', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    const events = follow(client)
    expect(client.status).toBe('wait')
    expect(client.options.lazyConnect).toBe(true)
    expect(await client.ping()).toBe('PONG')
    // The first is told late: it has been given a command by then.
    expect(events).toEqual(['wait (connecting)', 'connecting', 'connect', 'ready'])
  })

  it('lazyConnect: with connect(), which resolves when it is ready', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    await client.connect()
    expect(client.status).toBe('ready')
  })

  it('connect() tells a callback', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    const [error] = await told((callback) => client.connect(callback))
    expect([error, client.status]).toEqual([null, 'ready'])
  })

  it('connect() of one that connects, or has, is refused', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const message = 'Redis is already connecting/connected'
    expect(await rejection(client.connect())).toMatchObject({ message })
    await client.ping()
    expect(await rejection(client.connect())).toMatchObject({ message })
    expect(await client.ping()).toBe('PONG')
  })

  it('quit: after what was sent before', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.ping()
    const events = follow(client)
    const [pong, ok] = await Promise.all([client.echo('a'), client.quit()])
    expect([pong, ok]).toEqual(['a', 'OK'])
    await waitFor(() => events.includes('end'))
    expect(events.map((event) => event.replace(/ .*/, ''))).toEqual(['close', 'end'])
    expect(client.status).toBe('end')
    expect(await rejection(client.get('text'))).toMatchObject({ message: 'Connection is closed.' })
  })

  it('quit: before it is connected', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    expect(await client.quit()).toBe('OK')
    await waitFor(() => client.status === 'end')
  })

  it('quit: while it connects', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const set = client.set('text', 'a')
    expect([await set, await client.quit()]).toEqual(['OK', 'OK'])
    await waitFor(() => client.status === 'end')
    expect(await server().command('GET', 'text')).toBe('a')
  })

  it('disconnect: close, end, and what waits fails', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.ping()
    const events = follow(client)
    const popped = rejection(client.blpop('list', 0))
    client.disconnect()
    await waitFor(() => events.includes('end'))
    expect(events.map((event) => event.replace(/ .*/, ''))).toEqual(['close', 'end'])
    expect(await popped).toMatchObject({ message: 'Connection is closed.' })
    await waitFor(async () => (await clients()).every((line) => !line.includes('cmd=blpop')))
  })

  it('disconnect: before it is connected, and while it connects', async () => {
    await using first = open(server().url, { lazyConnect: true })
    first.client.disconnect()
    await waitFor(() => first.client.status === 'end')
    await using second = open(server().url)
    const waiting = rejection(second.client.get('text'))
    second.client.disconnect()
    expect(await waiting).toMatchObject({ message: 'Connection is closed.' })
    await waitFor(() => second.client.status === 'end')
    expect(await rejection(second.client.get('text'))).toMatchObject({ message: 'Connection is closed.' })
  })

  it('end() is disconnect()', async () => {
    await using opened = open(server().url)
    await opened.client.ping()
    opened.client.end()
    await waitFor(() => opened.client.status === 'end')
  })

  it('connect() again after the end', async () => {
    await using opened = open(server().url)
    const { client } = opened
    for (const way of ['quit', 'disconnect'] as const) {
      await client.ping()
      void client[way]()
      await waitFor(() => client.status === 'end')
      await client.connect()
      expect(await client.set('text', way)).toBe('OK')
      expect(client.status).toBe('ready')
    }
  })

  it('comes back after the connection was cut: close, reconnecting, connecting, connect, ready', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const id = await client.client('ID')
    const events = follow(client)
    await server().command('CLIENT', 'KILL', 'ID', String(id))
    await waitFor(() => events.includes('ready'))
    // Two of them may be told in one turn of the event loop.
    expect(events.map((event) => event.replace(/ .*/, ''))).toEqual([
      'close',
      'reconnecting',
      'connecting',
      'connect',
      'ready',
    ])
    expect(await client.client('ID')).not.toBe(id)
  })

  it('disconnect(true) connects anew', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const id = await client.client('ID')
    const closed = new Promise((resolve) => client.once('close', resolve))
    client.disconnect(true)
    await closed
    expect(await client.client('ID')).not.toBe(id)
  })

  it('what is sent while there is no connection waits for the next', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const id = await client.client('ID')
    const sent = new Promise<unknown>((resolve) => client.once('close', () => resolve(client.set('text', 'a'))))
    await server().command('CLIENT', 'KILL', 'ID', String(id))
    expect(await sent).toBe('OK')
  })

  it('quit tells a callback', async () => {
    await using opened = open(server().url)
    expect(await told((callback) => opened.client.quit(callback))).toEqual([null, 'OK'])
  })
})
