import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { oneServer, rejection, subjects } from './subjects.ts'

const server = oneServer()
const dbOf = async (client: Redis) => Number(/ db=(\d+) /.exec(String(await client.client('INFO')))?.[1])

/** Its server closes the connection, as it does with one that is idle. */
async function cut(client: Redis): Promise<void> {
  const id = await client.client('ID')
  const closed = new Promise((resolve) => client.once('close', resolve))
  await server().command('CLIENT', 'KILL', 'ID', String(id))
  await closed
}

describe.each(subjects)('select of $name', ({ open }) => {
  it('changes the db, and tells', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const told: unknown[] = []
    client.on('select', (db) => told.push(db))
    await client.set('text', 'in 0')
    expect(await client.select(2)).toBe('OK')
    await client.set('text', 'in 2')
    expect(await client.get('text')).toBe('in 2')
    await client.select(0)
    expect(await client.get('text')).toBe('in 0')
    expect(told).toEqual([2, 0])
  })

  it('in a pipeline', async () => {
    await using opened = open(server().url)
    const { client } = opened
    expect(await client.pipeline().select(4).set('text', 'in 4').exec()).toEqual([
      [null, 'OK'],
      [null, 'OK'],
    ])
    expect(await dbOf(client)).toBe(4)
  })

  it('before it is connected, in the order of its commands', async () => {
    await using opened = open(server().url, { lazyConnect: true })
    const { client } = opened
    await Promise.all([client.set('text', 'in 0'), client.select(3), client.set('text', 'in 3')])
    expect(await server().command('GET', 'text')).toBe('in 0')
    expect(await server().command('-n', '3', 'GET', 'text')).toBe('in 3')
  })

  it('of none that there is', async () => {
    await using opened = open(server().url)
    await opened.client.ping()
    expect(await rejection(opened.client.select(99))).toMatchObject({ message: 'ERR DB index is out of range' })
  })

  it('is kept when the connection was cut', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.select(5)
    await cut(client)
    expect(await dbOf(client)).toBe(5)
  })

  it('is kept by a subscriber when the connection was cut', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.select(5)
    await client.subscribe('a')
    const id = /id=(\d+) .*sub=1/.exec(await server().command('CLIENT', 'LIST'))?.[1] as string
    const closed = new Promise((resolve) => client.once('close', resolve))
    await server().command('CLIENT', 'KILL', 'ID', id)
    await closed
    await waitFor(async () => / db=5 sub=1/.test(await server().command('CLIENT', 'LIST')))
  })
})

describe.each(subjects)('monitor of $name', ({ open }) => {
  it('hears what others send', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const monitor = opened.own(await client.monitor())
    const told: [time: string, args: string[], source: string, db: string][] = []
    monitor.on('monitor', (...each) => told.push(each as (typeof told)[number]))
    expect(monitor.status).toBe('monitoring')
    expect(monitor.mode).toBe('monitor')
    await client.select(2)
    await client.set('text', 'a "b"')
    await waitFor(() => told.some(([, [name]]) => name === 'set'))
    const [words, ...more] = told.filter(([, [name]]) => name === 'set')
    const [time, source] = [expect.stringMatching(/^\d+\.\d+$/), expect.stringContaining(':')]
    expect(words).toEqual([time, ['set', 'text', 'a "b"'], source, '2'])
    expect(more).toEqual([])
    expect(await rejection(monitor.get('text'))).toMatchObject({
      message: "Connection is in monitoring mode, can't process commands.",
    })
    expect(await client.get('text')).toBe('a "b"')
  })

  it('tells a callback', async () => {
    await using opened = open(server().url)
    const monitor = await new Promise<Redis>((resolve, reject) => {
      void opened.client.monitor((error, each) => (error ? reject(error) : resolve(each as Redis)))
    })
    opened.own(monitor)
    expect(monitor.status).toBe('monitoring')
  })

  it('ends by itself', async () => {
    await using opened = open(server().url)
    const monitor = opened.own(await opened.client.monitor())
    monitor.disconnect()
    await waitFor(() => monitor.status === 'end')
    expect(await opened.client.ping()).toBe('PONG')
  })

  it('goes on when the connection was cut', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const monitor = opened.own(await client.monitor())
    monitor.on('error', () => {})
    const told: string[] = []
    monitor.on('monitor', (_time, [name]) => told.push(name))
    const id = /id=(\d+) .*cmd=monitor/.exec(await server().command('CLIENT', 'LIST'))?.[1] as string
    await server().command('CLIENT', 'KILL', 'ID', id)
    await waitFor(async () => {
      const list = await server().command('CLIENT', 'LIST')
      return list.includes('cmd=monitor') && !list.includes(`id=${id} `)
    })
    await waitFor(() => String(monitor.status) === 'monitoring')
    await client.echo('a')
    await waitFor(() => told.includes('echo'))
  })
})
