import { waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type TwoServers, twoServers } from './two-servers.ts'

const gone = { outcome: 'not-applied', message: expect.stringMatching(/former connection|another server/) }

/** The client moves to B, with nothing in flight. */
async function moved({ rr, client, b }: TwoServers): Promise<void> {
  await rr.failover()
  await waitFor(() => client.status === 'ready' && client.options.port !== undefined && isOn(client, rr.current))
  await b.command('SET', 'moved', '1')
}

function isOn({ options }: Redis, source: unknown): boolean {
  return String(source).endsWith(`:${options.port}`)
}

describe('G13 what lives on one server ends with a clear error', () => {
  it('an open MULTI: every command up to EXEC, and none of them is applied', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.multi({ pipeline: false })
    await client.set('x', '1')
    await moved(servers)
    await expect(client.set('y', '2')).rejects.toMatchObject(gone)
    await expect(client.exec()).rejects.toMatchObject(gone)
    expect(await b.command('EXISTS', 'x', 'y')).toBe('0')
    expect(await client.set('y', '3')).toBe('OK')
  })

  it('DISCARD ends such a MULTI, and its client goes on', async () => {
    await using servers = await twoServers()
    const { client } = servers
    await client.multi({ pipeline: false })
    await moved(servers)
    await client.discard().catch(() => {})
    expect(await client.set('y', '3')).toBe('OK')
  })

  it('EXEC after a WATCH on the former server: nothing of the transaction is applied', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.watch('x')
    await moved(servers)
    await expect(client.multi().set('x', '1').get('x').exec()).rejects.toMatchObject(gone)
    expect(await b.command('EXISTS', 'x')).toBe('0')
    expect(await client.multi().set('x', '2').exec()).toEqual([[null, 'OK']])
  })

  it('the same in a pipeline with other commands: those are done', async () => {
    await using servers = await twoServers()
    const { client, b } = servers
    await client.watch('x')
    await moved(servers)
    const words = [['set', 'before', '1'], ['multi'], ['set', 'x', '1'], ['exec'], ['set', 'after', '1']]
    const results = await client.pipeline(words).exec()
    expect(results?.at(-1)).toEqual([null, 'OK'])
    expect(results?.some(([error]) => /WATCH was on a former connection/.test(String(error)))).toBe(true)
    expect(await b.command('MGET', 'before', 'x', 'after')).toBe('1\n\n1')
  })

  it('UNWATCH forgets it, and so does WATCH on the next server after a transaction', async () => {
    await using servers = await twoServers()
    const { client } = servers
    await client.watch('x')
    await moved(servers)
    await client.unwatch()
    expect(await client.multi().set('x', '1').exec()).toEqual([[null, 'OK']])
    await client.watch('x')
    expect(await client.multi().set('x', '2').exec()).toEqual([[null, 'OK']])
  })

  it('a scan: a cursor of the former server', async () => {
    await using servers = await twoServers()
    const { client, a, b } = servers
    for (const server of [a, b]) await server.command('EVAL', "for i = 1, 1000 do redis.call('SET', i, i) end", '0')
    const [cursor] = await client.scan(0, 'COUNT', 10)
    await moved(servers)
    await expect(client.scan(cursor, 'COUNT', 10)).rejects.toMatchObject(gone)
    const [next] = await client.scan(0, 'COUNT', 10)
    expect((await client.scan(next, 'COUNT', 10))[1].length).toBeGreaterThan(0)
  })

  it('a scanStream: emits an error, and no key of another server', async () => {
    await using servers = await twoServers()
    const { client, a } = servers
    await a.command('EVAL', "for i = 1, 1000 do redis.call('SET', i, i) end", '0')
    const stream = client.scanStream({ count: 10 })
    const ended = new Promise<unknown>((resolve) => stream.once('error', resolve))
    await new Promise((resolve) => stream.once('data', resolve))
    stream.pause()
    await moved(servers)
    stream.resume()
    expect(await ended).toMatchObject(gone)
  })

  it('a scan goes on where only its connection was replaced', async () => {
    await using servers = await twoServers()
    const { client, a } = servers
    await a.command('EVAL', "for i = 1, 1000 do redis.call('SET', i, i) end", '0')
    const [cursor] = await client.scan(0, 'COUNT', 10)
    const closed = new Promise((resolve) => client.once('close', resolve))
    await a.command('CLIENT', 'KILL', 'ID', String(await client.client('ID')))
    await closed
    expect((await client.scan(cursor, 'COUNT', 10))[1].length).toBeGreaterThan(0)
  })
})

describe('a manual failover', () => {
  it('lets what is in flight finish, on its own server', async () => {
    await using servers = await twoServers()
    const { rr, client, a, b } = servers
    await client.ping()
    const increments = Array.from({ length: 1000 }, () => client.incr('n'))
    await rr.failover()
    await Promise.all(increments)
    expect(Number(await a.command('GET', 'n')) + Number((await b.command('GET', 'n')) || 0)).toBe(1000)
    await client.set('x', '1')
    expect(await b.command('GET', 'x')).toBe('1')
  })

  it('waits for a command that takes its time no longer than drainMs', async () => {
    await using servers = await twoServers({ drainMs: 200 })
    const { rr, client, a } = servers
    const popped = client.blpop('list', 0).catch((error) => error)
    await waitFor(async () => (await a.command('CLIENT', 'LIST')).includes('cmd=blpop'))
    await servers.proxyA.freeze() // or the server would end it when the connection is half closed
    await rr.failover()
    expect(await popped).toMatchObject({ outcome: 'unknown' })
    await client.ping()
  })

  it('moves clients at once, though a run on the former provider may go on', async () => {
    await using servers = await twoServers({ drainMs: 30_000 })
    const { rr, client, a } = servers
    await client.ping()
    const popped = rr.run((redis) => redis.blpop('list', 0))
    await waitFor(async () => (await a.command('CLIENT', 'LIST')).includes('cmd=blpop'))
    await moved(servers)
    expect(await client.get('moved')).toBe('1')
    await a.command('RPUSH', 'list', 'element')
    expect(await popped).toEqual(['list', 'element'])
  })
})
