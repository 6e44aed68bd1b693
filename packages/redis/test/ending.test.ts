import { startProxy, startRedis, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../src/index.ts'
import { twoServers, urlOf } from './two-servers.ts'

describe('G5 disconnect() of a client settles all that it was given', () => {
  it('while it connects', async () => {
    await using a = await startRedis({ name: 'A' })
    await using proxy = await startProxy(a)
    await proxy.mute()
    await using rr = new RedisRoundRobin([urlOf(proxy)])
    const client = rr.client()
    const all = [client.get('x'), client.pipeline().get('x').set('x', '1').exec(), client.subscribe('news')]
    const outcomes = Promise.allSettled(all)
    await waitFor(() => proxy.accepted > 0)
    client.disconnect()
    await outcomes
    expect(client.status).toBe('end')
    await expect(client.get('x')).rejects.toThrow('Connection is closed.')
  })

  it('between two connections, and while no provider is up', async () => {
    await using servers = await twoServers()
    const { client, a, b } = servers
    await client.ping()
    const outcomes = new Promise<PromiseSettledResult<unknown>[]>((resolve) => {
      client.once('reconnecting', () => {
        const pending = [client.get('x'), client.blpop('list', 0), client.multi().set('x', '1').exec()]
        resolve(Promise.allSettled(pending))
        client.disconnect()
      })
    })
    await Promise.all([a.kill(), b.kill()])
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await waitFor(() => client.status === 'end')
  })

  it('while it waits for answers, on a frozen server too', async () => {
    await using servers = await twoServers()
    const { client, proxyA } = servers
    await client.ping()
    await proxyA.freeze()
    const pending = client.get('x')
    client.disconnect()
    await expect(pending).rejects.toThrow('Connection is closed.')
  })

  it('and it can connect again', async () => {
    await using servers = await twoServers()
    const { client, a } = servers
    await client.ping()
    const ended = new Promise((resolve) => client.once('end', resolve))
    client.disconnect()
    await ended
    await client.connect()
    expect(await client.ping()).toBe('PONG')
    await a.kill()
    expect(await client.ping()).toBe('PONG')
  })
})

describe('quit() of a client', () => {
  it('ends it after all that was sent before, and leaves the others', async () => {
    await using servers = await twoServers()
    const { client, rr, a } = servers
    const other = rr.client()
    const set = client.set('x', '1')
    expect(await client.quit()).toBe('OK')
    expect(await set).toBe('OK')
    await waitFor(() => client.status === 'end')
    expect(await other.get('x')).toBe('1')
    await a.kill()
    await other.ping()
    expect(client.status).toBe('end')
  })
})

describe('close() of the RoundRobin', () => {
  it('ends its clients, whatever they are at; commands end with an error that says so', async () => {
    await using servers = await twoServers()
    const { rr, client } = servers
    const subscriber = rr.client()
    await Promise.all([client.set('x', '1'), subscriber.subscribe('news')])
    const popped = rr
      .client()
      .blpop('list', 0)
      .catch((error) => error)
    const sent = client.get('x')
    await rr.close()
    expect(await sent).toBe('1')
    expect(await popped).toBeInstanceOf(Error)
    await waitFor(() => client.status === 'end' && subscriber.status === 'end')
    const closed = { code: 'TOURNIQUET_CLOSED', outcome: 'not-applied', message: 'Connection is closed.' }
    await expect(client.get('x')).rejects.toMatchObject(closed)
    await expect(rr.client().get('x')).rejects.toMatchObject(closed)
    await expect(rr.run((redis) => redis.get('x'))).rejects.toMatchObject({ code: 'TOURNIQUET_CLOSED' })
  })

  it('G5 waits no longer for a command of a client than it is told', async () => {
    await using servers = await twoServers()
    const { rr, client, a } = servers
    await client.ping()
    await a.freeze()
    const pending = client.set('x', '1').catch((error) => error)
    const begun = performance.now()
    await rr.close({ drainMs: 50 })
    expect(await pending).toMatchObject({ code: 'TOURNIQUET_OUTCOME_UNKNOWN' })
    expect(performance.now() - begun).toBeLessThan(3000)
  })

  it('ends clients that have no provider', async () => {
    await using servers = await twoServers()
    const { rr, client, a, b } = servers
    await client.ping()
    await Promise.all([a.kill(), b.kill()])
    const pending = client.get('x').catch((error) => error)
    await rr.close()
    expect(await pending).toMatchObject({ outcome: 'not-applied' })
    await waitFor(() => client.status === 'end')
  })

  it('G7 leaves no connection', async () => {
    await using a = await startRedis({ name: 'A' })
    await using proxy = await startProxy(a)
    const rr = new RedisRoundRobin([urlOf(proxy)], { heartbeatMs: 20 })
    const clients = [rr.client(), rr.client(), rr.client()]
    await Promise.all(clients.map((client) => client.ping()))
    await rr.run((redis) => redis.ping())
    await waitFor(() => proxy.accepted >= 5) // the one that asks whether it is well, too
    await rr.close()
    await waitFor(() => proxy.open === 0)
    expect(clients.map(({ status }) => status)).toEqual(['end', 'end', 'end'])
  })
})
