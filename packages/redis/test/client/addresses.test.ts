import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis, waitFor } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { RedisRoundRobin } from '../../src/index.ts'
import { twoServers } from '../two-servers.ts'
import { below, subjects } from './subjects.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))
// A server that is killed leaves its socket behind.
const folder = mkdtempSync(join(tmpdir(), 'tourniquet-socket-'))
afterAll(() => rmSync(folder, { recursive: true }))
const socketOf = (port: number) => join(folder, `${port}.sock`)
const withSocket = (port: number) => ['--unixsocket', socketOf(port)]
const portOf = async (client: Redis) => Number(/tcp_port:(\d+)/.exec(await client.info('server'))?.[1])

describe.each(subjects)('addresses of $name', ({ open }) => {
  it('a Unix socket', async () => {
    await using server = await startRedis({ args: withSocket })
    await using opened = open(socketOf(server.port))
    expect(await opened.client.set('text', 'a')).toBe('OK')
    expect(await server.command('CLIENT', 'LIST')).toContain(`laddr=${socketOf(server.port)}:0`)
    expect(opened.client.options.path).toBe(socketOf(server.port))
  })

  it.skipIf(!hasIPv6)('IPv6', async () => {
    await using server = await startRedis({ args: ['--bind', '127.0.0.1', '::1'] })
    await using opened = open(`redis://[::1]:${server.port}`)
    expect(await opened.client.client('INFO')).toContain(`laddr=[::1]:${server.port}`)
  })

  it('a user, a password and a db', async () => {
    const args = '--user me on >secret ~* &* +@all --user default off'.split(' ')
    await using server = await startRedis({ args, cliArgs: ['--user', 'me', '--pass', 'secret', '--no-auth-warning'] })
    await using opened = open(`redis://me:secret@127.0.0.1:${server.port}/3`)
    expect(await opened.client.call('ACL', 'WHOAMI')).toBe('me')
    await opened.client.set('text', 'a')
    expect(await server.command('-n', '3', 'GET', 'text')).toBe('a')
  })
})

describe('addresses of rr.client()', () => {
  it('a failover from TCP to a Unix socket and back', async () => {
    await using a = await startRedis()
    await using b = await startRedis({ args: withSocket })
    await using rr = new RedisRoundRobin([a.url, { path: socketOf(b.port) }])
    const client = rr.client()
    expect(await portOf(client)).toBe(a.port)
    await a.kill()
    expect(await portOf(client)).toBe(b.port)
    await a.restart()
    await b.kill()
    expect(await portOf(client)).toBe(a.port)
    expect(client.options.path).toBeUndefined()
  })

  it.skipIf(!hasIPv6)('an IPv6 source has its id in brackets', async () => {
    await using server = await startRedis({ args: ['--bind', '127.0.0.1', '::1'] })
    await using rr = new RedisRoundRobin([{ host: '::1', port: server.port }])
    expect(await portOf(rr.client())).toBe(server.port)
    expect(rr.providers.map(({ provider }) => provider)).toEqual([`[::1]:${server.port}`])
  })

  it('all clients of one rr are with the same provider, before and after a failover', async () => {
    await using servers = await twoServers()
    const { rr, client, a, b } = servers
    const clients = [client, ...below(4).map(() => rr.client()), client.duplicate()]
    const ports = () => Promise.all([...clients.map(portOf), rr.run(portOf)])
    expect(new Set(await ports())).toEqual(new Set([a.port]))
    await rr.failover()
    await waitFor(async () => (await ports()).every((port) => port === b.port))
    await waitFor(() => servers.proxyA.open === 0)
  })
})
