import { waitFor } from '@tourniquet/testkit'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { oneServer, subjects } from './subjects.ts'

const server = oneServer()

describe.each(subjects)('duplicate() of $name', ({ open }) => {
  it('is of the same type, with a connection of its own', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const other = opened.own(client.duplicate())
    expect(other).toBeInstanceOf(Redis)
    expect(await other.client('ID')).not.toBe(await client.client('ID'))
    await other.set('text', 'a')
    expect(await client.get('text')).toBe('a')
  })

  it('has the options, and those that it is given on top', async () => {
    await using opened = open(server().url, { keyPrefix: 'app:', connectionName: 'first' })
    const { client } = opened
    const other = opened.own(client.duplicate({ connectionName: 'second' }))
    await other.set('text', 'a')
    expect(await server().command('GET', 'app:text')).toBe('a')
    expect([await client.client('GETNAME'), await other.client('GETNAME')]).toEqual(['first', 'second'])
    expect(client.options.connectionName).toBe('first')
  })

  it('of one in another db begins in the db of the options', async () => {
    await using opened = open(server().url, { db: 2 })
    const { client } = opened
    await client.select(3)
    const other = opened.own(client.duplicate())
    expect(await other.client('INFO')).toContain(' db=2 ')
  })

  it('has subscriptions of its own', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.subscribe('a')
    const other = opened.own(client.duplicate())
    const told: string[] = []
    client.on('message', (channel) => told.push(`client ${channel}`))
    other.on('message', (channel) => told.push(`other ${channel}`))
    await other.subscribe('b')
    expect(await server().command('PUBLISH', 'a', 'text')).toBe('1')
    expect(await server().command('PUBLISH', 'b', 'text')).toBe('1')
    await waitFor(() => told.length === 2)
    expect(told.sort()).toEqual(['client a', 'other b'])
  })

  it('ends by itself', async () => {
    await using opened = open(server().url)
    const other = opened.own(opened.client.duplicate())
    await other.ping()
    expect(await other.quit()).toBe('OK')
    await waitFor(() => other.status === 'end')
    expect(await opened.client.ping()).toBe('PONG')
  })

  it('of one that has ended connects', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.quit()
    await waitFor(() => client.status === 'end')
    const other = opened.own(client.duplicate())
    expect(await other.ping()).toBe('PONG')
  })

  it('with lazyConnect', async () => {
    await using opened = open(server().url)
    const other = opened.own(opened.client.duplicate({ lazyConnect: true }))
    expect(other.status).toBe('wait')
    await other.connect()
    expect(other.status).toBe('ready')
  })
})
