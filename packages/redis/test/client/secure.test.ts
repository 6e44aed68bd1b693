import { readFileSync } from 'node:fs'
import { freePort, type RedisServer, startCertificateAuthority, startRedis } from '@tourniquet/testkit'
import type { Redis } from 'ioredis'
import { describe, expect, it, vi } from 'vitest'
import { RedisRoundRobin } from '../../src/index.ts'
import { rejection } from './subjects.ts'

const portOf = async (client: Redis) => Number(/laddr=\S*:(\d+)/.exec(String(await client.client('INFO')))?.[1])

/** Two servers that take TLS, with certificates of one authority. */
async function twoWithTls() {
  const authority = await startCertificateAuthority()
  const { cert, key } = await authority.issue()
  const start = async (name: string) => {
    const tlsPort = await freePort()
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', authority.ca]
    const server = await startRedis({
      name,
      args: ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...files],
    })
    return { server, tlsPort, url: `rediss://127.0.0.1:${tlsPort}` }
  }
  const [a, b] = [await start('A'), await start('B')]
  return {
    a,
    b,
    ca: readFileSync(authority.ca),
    async [Symbol.asyncDispose]() {
      await Promise.all([a.server[Symbol.asyncDispose](), b.server[Symbol.asyncDispose]()])
      authority[Symbol.dispose]()
    },
  }
}

describe('TLS of rr.client()', () => {
  it('rediss:// with an authority of its own, in the option redis', async () => {
    await using servers = await twoWithTls()
    const { a, b, ca } = servers
    await using rr = new RedisRoundRobin([a.url, b.url], { redis: { tls: { ca } } })
    const client = rr.client()
    expect(await portOf(client)).toBe(a.tlsPort)
    await a.server.kill()
    expect(await portOf(client)).toBe(b.tlsPort)
    expect(await portOf(client.duplicate())).toBe(b.tlsPort)
    expect(await rr.run(portOf)).toBe(b.tlsPort)
  })

  it('an authority of each source; from TLS to none and back', async () => {
    await using servers = await twoWithTls()
    const { a, b, ca } = servers
    const plain = { host: '127.0.0.1', port: b.server.port }
    await using rr = new RedisRoundRobin([{ host: '127.0.0.1', port: a.tlsPort, tls: { ca } }, plain])
    const client = rr.client()
    expect(await portOf(client)).toBe(a.tlsPort)
    await a.server.kill()
    expect(await portOf(client)).toBe(b.server.port)
    await a.server.restart()
    await b.server.kill()
    expect(await portOf(client)).toBe(a.tlsPort)
  })

  it('a wrong authority: an error says so', async () => {
    await using servers = await twoWithTls()
    using other = await startCertificateAuthority()
    const { a, b } = servers
    await using rr = new RedisRoundRobin([a.url, b.url], { redis: { tls: { ca: readFileSync(other.ca) } } })
    const client = rr.client()
    client.on('error', () => {})
    for (const error of [await rejection(client.get('text')), await rejection(rr.run((redis) => redis.get('text')))]) {
      expect(error).toMatchObject({ name: 'ExhaustedError', outcome: 'not-applied' })
      const { attempts } = error as unknown as { attempts: { error: Error & { code: string } }[] }
      for (const attempt of attempts) expect(attempt.error.code).toMatch(/CERT|SIGNATURE|ISSUER/)
      expect(error.message).toMatch(/CERT|SIGNATURE|ISSUER/)
      expect((error.cause as Error).message).toMatch(/certificate/)
    }
  })

  it('a server that speaks no TLS: an error, and no wait for ever', async () => {
    await using server = await startRedis()
    await using rr = new RedisRoundRobin([`rediss://127.0.0.1:${server.port}`], { connectTimeoutMs: 300 })
    const client = rr.client()
    expect(await rejection(client.get('text'))).toMatchObject({ name: 'ExhaustedError' })
  })
})

// INFO and ROLE are "dangerous".
const acl = '--user me on >secret ~* &* +@all -@dangerous --user default on nopass ~* &* +@all'.split(' ')
const urlOf = ({ port }: RedisServer, password = 'secret') => `redis://me:${password}@127.0.0.1:${port}`

describe('a user of rr.client() who may not ask INFO', () => {
  it('fails over, and finds the primary', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {}) // ioredis says that it does not check
    await using a = await startRedis({ name: 'A', args: acl })
    await using b = await startRedis({ name: 'B', args: acl })
    await using c = await startRedis({ name: 'C', args: acl })
    await b.replicate(c)
    await using rr = new RedisRoundRobin([a, b, c].map((server) => urlOf(server)))
    const client = rr.client()
    expect((await rejection(client.info())).message).toMatch(/^NOPERM/)
    expect(await client.set('text', 'a')).toBe('OK')
    expect(await a.command('GET', 'text')).toBe('a')
    await a.kill()
    // Before a write that a replica would refuse.
    expect(await portOf(client)).toBe(c.port)
    expect(await client.set('text', 'c')).toBe('OK')
    expect(await c.command('GET', 'text')).toBe('c')
    expect(rr.providers.find(({ state }) => state === 'current')?.provider).toBe(`127.0.0.1:${c.port}`)
    warn.mockRestore()
  })

  it('a wrong password: the error of the server', async () => {
    await using a = await startRedis({ args: acl })
    await using rr = new RedisRoundRobin([urlOf(a, 'wrong')])
    const client = rr.client()
    expect((await rejection(client.get('text'))).message).toMatch(/WRONGPASS/)
    expect((await rejection(rr.run((redis) => redis.get('text')))).message).toMatch(/WRONGPASS/)
  })

  it('each source has its own', async () => {
    const mine = '--user me on >other ~* &* +@all'.split(' ')
    await using a = await startRedis({ args: acl })
    await using b = await startRedis({ args: mine })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    await using rr = new RedisRoundRobin([urlOf(a), urlOf(b, 'other')])
    const client = rr.client()
    await client.set('text', 'a')
    await a.kill()
    expect(await client.call('ACL', 'WHOAMI')).toBe('me')
    await client.set('text', 'b')
    expect(await b.command('GET', 'text')).toBe('b')
    vi.restoreAllMocks()
  })
})
