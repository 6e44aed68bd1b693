import { startProxy, startRedis, waitFor } from '@tourniquet/testkit'
import { Redis as Redis6 } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { twoServers, urlOf } from './two-servers.ts'

// ioredis with its defaults, as it is without us.
const peers = [
  { peer: 'ioredis 5', open: (url: string) => new Redis5(url) },
  { peer: 'ioredis 6', open: (url: string) => new Redis6(url) as unknown as Redis5 },
]

describe('a counter whose reply is lost', () => {
  it.each(peers)('$peer: counts it twice, and says that it was once', async ({ open }) => {
    await using a = await startRedis()
    await using proxy = await startProxy(a)
    await a.command('SET', 'n', '41000')
    const client = open(urlOf(proxy))
    client.on('error', () => {})
    await client.ping()
    await proxy.dropReply(':41001\r\n')
    expect(await client.incr('n')).toBe(41_002)
    client.disconnect()
  })

  it('rr.client(): counts it once, and says that it does not know', async () => {
    await using servers = await twoServers()
    const { client, a, proxyA } = servers
    await a.command('SET', 'n', '41000')
    await client.ping()
    await proxyA.dropReply(':41001\r\n')
    await expect(client.incr('n')).rejects.toMatchObject({ outcome: 'unknown' })
    expect(await a.command('GET', 'n')).toBe('41001')
  })
})

describe('a server that is killed with 1,000 GETs in flight', () => {
  it.each(peers)('$peer: none has ended when ours have, all on the next', async ({ open }) => {
    await using a = await startRedis()
    await using b = await startRedis()
    await using rr = new RedisRoundRobin([a.url, b.url])
    const client = rr.client()
    const peer = open(a.url)
    peer.on('error', () => {})
    await Promise.all([client.ping(), peer.ping()])
    await a.freeze()
    const ours = Array.from({ length: 1000 }, () => client.get('x'))
    let ended = 0
    const note = () => ended++
    for (const get of Array.from({ length: 1000 }, () => peer.get('x'))) get.then(note, note)
    await a.kill()
    await Promise.all(ours)
    expect(ended).toBe(0)
    peer.disconnect()
  })
})

describe('a server that is frozen', () => {
  it.each(peers)('$peer: waits for as long as it is', async ({ open }) => {
    await using a = await startRedis()
    await using b = await startRedis()
    await using rr = new RedisRoundRobin([a.url, b.url], { heartbeatMs: 500 })
    const client = rr.client()
    const peer = open(a.url)
    await Promise.all([client.ping(), peer.ping()])
    await a.freeze()
    let hasEnded = false
    void peer.ping().finally(() => {
      hasEnded = true
    })
    expect(await client.ping()).toBe('PONG')
    expect(hasEnded).toBe(false)
    await a.thaw()
    await waitFor(() => hasEnded)
    peer.disconnect()
  })
})

describe('a primary that is demoted', () => {
  it.each(peers)('$peer: every write is refused; ours moves', async ({ open }) => {
    await using servers = await twoServers()
    const { client, a } = servers
    const peer = open(a.url)
    await Promise.all([client.ping(), peer.ping()])
    await a.command('REPLICAOF', '127.0.0.1', '1')
    await expect(peer.set('x', '1')).rejects.toThrow(/^READONLY/)
    await expect(peer.set('x', '1')).rejects.toThrow(/^READONLY/)
    expect(await client.set('x', '1')).toBe('OK')
    peer.disconnect()
  })
})
