import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { oneServer, subjects } from './subjects.ts'

const server = oneServer()
const blocked = () =>
  waitFor(async () => (await server().command('INFO', 'clients')).includes('blocked_clients:1'), {
    what: 'a client to be blocked',
  })

describe.each(subjects)('blocking commands of $name', ({ open }) => {
  it('blpop waits for what is pushed', async () => {
    await using opened = open(server().url)
    const popped = opened.client.blpop('none', 'list', 0)
    await blocked()
    await server().command('RPUSH', 'list', 'a')
    expect(await popped).toEqual(['list', 'a'])
  })

  it('blpop is null once its time is over', async () => {
    await using opened = open(server().url)
    expect(await opened.client.blpop('list', 0.05)).toBeNull()
  })

  it('what is sent after it waits for it', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const popped = client.blpop('list', 0)
    const length = client.llen('list')
    await blocked()
    await server().command('RPUSH', 'list', 'a', 'b')
    expect([await popped, await length]).toEqual([['list', 'a'], 1])
  })

  it('brpoplpush and blmove', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const moved = client.blmove('list', 'other', 'LEFT', 'RIGHT', 0)
    await blocked()
    await server().command('RPUSH', 'list', 'a')
    expect(await moved).toBe('a')
    expect(await client.brpoplpush('other', 'list', 1)).toBe('a')
  })

  it('bzpopmin', async () => {
    await using opened = open(server().url)
    const popped = opened.client.bzpopmin('sorted', 0)
    await blocked()
    await server().command('ZADD', 'sorted', '2', 'b', '1.5', 'a')
    expect(await popped).toEqual(['sorted', 'a', '1.5'])
  })

  it('xread BLOCK', async () => {
    await using opened = open(server().url)
    const read = opened.client.xread('BLOCK', 0, 'STREAMS', 'stream', '$')
    await blocked()
    await server().command('XADD', 'stream', '1-1', 'field', 'a')
    expect(await read).toEqual([['stream', [['1-1', ['field', 'a']]]]])
    expect(await opened.client.xread('BLOCK', 20, 'STREAMS', 'stream', '$')).toBeNull()
  })

  it('xreadgroup BLOCK', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.xgroup('CREATE', 'stream', 'group', '$', 'MKSTREAM')
    const read = client.xreadgroup('GROUP', 'group', 'me', 'BLOCK', 0, 'STREAMS', 'stream', '>')
    await blocked()
    await server().command('XADD', 'stream', '1-1', 'field', 'a')
    expect(await read).toEqual([['stream', [['1-1', ['field', 'a']]]]])
  })

  it('CLIENT UNBLOCK ends it, as if its time were over', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const id = await client.client('ID')
    const popped = client.blpop('list', 0)
    await blocked()
    await server().command('CLIENT', 'UNBLOCK', String(id))
    expect(await popped).toBeNull()
  })

  it('CLIENT UNBLOCK … ERROR ends it with an error, and the client stays', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const id = await client.client('ID')
    const popped = client.blpop('list', 0).catch((error) => error)
    await blocked()
    await server().command('CLIENT', 'UNBLOCK', String(id), 'ERROR')
    expect(await popped).toMatchObject({ message: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' })
    expect(await client.client('ID')).toBe(id)
  })

  it('disconnect ends it', async () => {
    await using opened = open(server().url)
    const popped = opened.client.blpop('list', 0).catch((error) => error)
    await blocked()
    opened.client.disconnect()
    expect(await popped).toMatchObject({ message: 'Connection is closed.' })
  })
})
