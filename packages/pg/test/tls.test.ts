import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { ExhaustedError } from '@tourniquet/core'
import {
  type CertificateAuthority,
  type CertificateOptions,
  type PostgresServer,
  startCertificateAuthority,
  startPostgres,
  startProxy,
  waitFor,
} from '@tourniquet/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PgRoundRobin, type PgRoundRobinOptions, type PgSource } from '../src/index.ts'
import { askPsql } from './psql.ts'
import { secure } from './secure.ts'
import { ended } from './two-servers.ts'

const quick = { backoff: { initialMs: 1, maxMs: 10 } }
const secret = 'p1eSh0p'

let authority: CertificateAuthority
let strangers: CertificateAuthority
beforeAll(async () => {
  ;[authority, strangers] = await Promise.all([startCertificateAuthority(), startCertificateAuthority()])
})
afterAll(() => {
  authority?.[Symbol.dispose]()
  strangers?.[Symbol.dispose]()
})

interface Wanted extends CertificateOptions {
  readonly signer?: CertificateAuthority
  /** Lines in front of `pg_hba.conf`. */
  readonly rules?: readonly string[]
}

/** A server that speaks TLS. */
async function server({ signer = authority, rules = [], ...options }: Wanted = {}): Promise<PostgresServer> {
  const started = await startPostgres({ name: options.name ?? 'server' })
  onTestFinished(() => started[Symbol.asyncDispose]())
  await secure(started, { ...(await signer.issue(options)), ca: authority.ca, rules })
  return started
}

/** A URL of libpq: each server under a name of its own, and all at 127.0.0.1. */
function urlOf(servers: Readonly<Record<string, PostgresServer>>, words: string): string {
  const entries = Object.entries(servers)
  const addresses = entries.map(() => '127.0.0.1').join()
  const hosts = entries.map(([name, { port }]) => `${name}:${port}`).join()
  return `postgresql://postgres@${hosts}/postgres?hostaddr=${addresses}&${words.replace('CA', encodeURIComponent(authority.ca))}`
}

function roundRobin(sources: readonly PgSource[] | string, options: PgRoundRobinOptions = {}): PgRoundRobin {
  const rr = new PgRoundRobin(sources, { ...quick, ...options })
  onTestFinished(() => rr.close({ drainMs: 0 }))
  return rr
}

/** The port that answers, and whether it does so encrypted. */
async function asked(rr: PgRoundRobin): Promise<readonly [string, boolean]> {
  const sql = "select current_setting('port') as port, ssl from pg_stat_ssl where pid = pg_backend_pid()"
  const { rows } = await rr.pool().query(sql)
  return [rows[0].port, rows[0].ssl]
}

/** The same, once after the other: before the first is killed, and after. */
async function throughFailover(rr: PgRoundRobin, first: PostgresServer): Promise<(readonly [string, boolean])[]> {
  const before = await asked(rr)
  await first.kill()
  return [before, await asked(rr)]
}

const encrypted = (...servers: PostgresServer[]) => servers.map(({ port }) => [String(port), true])

/** Provider and words of each attempt. */
const tried = (error: unknown) =>
  (error as ExhaustedError).attempts.map(({ provider, error: each }) => [provider, (each as Error).message])

describe('certificates, through a failover', () => {
  it('verify-full: each host has a certificate for its own name', async () => {
    const [a, b] = await Promise.all([
      server({ hosts: ['a.example'], addresses: ['127.0.0.9'] }),
      server({ hosts: ['b.example'], addresses: ['127.0.0.9'] }),
    ])
    const rr = roundRobin(urlOf({ 'a.example': a, 'b.example': b }, 'sslmode=verify-full&sslrootcert=CA'))
    expect(await throughFailover(rr, a)).toEqual(encrypted(a, b))
  })

  it('verify-full: a host with a certificate for another name is passed over, and named in attempts', async () => {
    const [a, b] = await Promise.all([server({ hosts: ['other.example'] }), server({ hosts: ['b.example'] })])
    const rr = roundRobin(urlOf({ 'a.example': a, 'b.example': b }, 'sslmode=verify-full&sslrootcert=CA'))
    const fails: unknown[] = []
    rr.on('fail', ({ provider, phase, verdict }) => fails.push([provider, phase, verdict]))
    expect(await asked(rr)).toEqual([String(b.port), true])
    expect(fails).toEqual([[`127.0.0.1:${a.port}`, 'connect', 'next']])
    expect(String(rr.providers[0]?.lastError)).toMatch(/a\.example.*altnames.*other\.example/)
    await b.kill()
    const { error } = await ended(rr.query('select 1', [], { maxAttempts: 3 }))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error).toMatchObject({ outcome: 'not-applied' })
    expect(error?.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${a.port} \\(ERR_TLS_CERT_ALTNAME_INVALID\\)`))
    expect(tried(error)).toContainEqual([
      `127.0.0.1:${a.port}`,
      expect.stringContaining("Host: a.example. is not in the cert's altnames"),
    ])
  })

  it.each<[string, Wanted, RegExp]>([
    ['has expired', { expired: true }, /CERT_HAS_EXPIRED/],
    ['is of another authority', {}, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/],
  ])('verify-full: a host whose certificate %s is passed over', async (what, options, code) => {
    const signer = what === 'has expired' ? authority : strangers
    const [a, b] = await Promise.all([server({ signer, ...options }), server()])
    const rr = roundRobin(
      `postgresql://postgres@localhost:${a.port},localhost:${b.port}/postgres?hostaddr=127.0.0.1,127.0.0.1&sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.ca)}`,
    )
    expect(await asked(rr)).toEqual([String(b.port), true])
    expect(rr.providers[0]?.lastError).toMatchObject({ code: expect.stringMatching(code) })
  })

  it('verify-ca: the name does not matter, the authority does', async () => {
    const [a, b, c] = await Promise.all([
      server({ signer: strangers }),
      server({ hosts: ['x.example'] }),
      server({ hosts: ['y.example'] }),
    ])
    const rr = roundRobin(urlOf({ 'a.example': a, 'b.example': b, 'c.example': c }, 'sslmode=verify-ca&sslrootcert=CA'))
    expect(await throughFailover(rr, b)).toEqual(encrypted(b, c))
  })

  it('require: no certificate is looked at', async () => {
    const [a, b] = await Promise.all([
      server({ signer: strangers, expired: true }),
      server({ signer: strangers, hosts: ['x.example'] }),
    ])
    const rr = roundRobin(urlOf({ 'a.example': a, 'b.example': b }, 'sslmode=require'))
    expect(await throughFailover(rr, a)).toEqual(encrypted(a, b))
  })

  it('each source may have TLS options of its own', async () => {
    const [a, b] = await Promise.all([
      server({ hosts: ['a.example'] }),
      server({ signer: strangers, hosts: ['b.example'] }),
    ])
    const sources = [
      {
        host: a.host,
        port: a.port,
        user: 'postgres',
        ssl: { ca: readFileSync(authority.ca, 'utf8'), servername: 'a.example' },
      },
      {
        host: b.host,
        port: b.port,
        user: 'postgres',
        ssl: { ca: readFileSync(strangers.ca, 'utf8'), servername: 'b.example' },
      },
    ]
    expect(await throughFailover(roundRobin(sources), a)).toEqual(encrypted(a, b))
  })

  it('pool.ssl holds for all sources', async () => {
    const [a, b] = await Promise.all([server(), server()])
    const sources = [a, b].map(({ port }) => ({ host: 'localhost', port, user: 'postgres' }))
    const ssl = { ca: [...rootCertificates, readFileSync(authority.ca, 'utf8')] }
    expect(await throughFailover(roundRobin(sources, { pool: { ssl } }), a)).toEqual(encrypted(a, b))
  })

  it('G7 G9 a server that falls silent within the handshake of TLS is passed over, and no socket stays', async () => {
    const [a, b] = await Promise.all([server(), server()])
    await using proxy = await startProxy(a)
    await proxy.dropReply('S', { by: 'silence', once: false }) // its yes to TLS
    const url = `postgresql://postgres@localhost:${proxy.port},localhost:${b.port}/postgres?hostaddr=127.0.0.1,127.0.0.1&sslmode=require`
    const rr = roundRobin(url, { connectTimeoutMs: 2000 })
    expect(await asked(rr)).toEqual([String(b.port), true])
    expect(proxy.accepted).toBe(1)
    await rr.close()
    await waitFor(() => proxy.open === 0)
  })
})

describe('a server without TLS, where TLS is wanted', () => {
  // As in libpq: see the next test.
  it.each(['require', 'verify-ca&sslrootcert=CA', 'verify-full&sslrootcert=CA'])(
    'sslmode=%s: stops, and says so',
    async (mode) => {
      await using plain = await startPostgres()
      const b = await server({ hosts: ['b.example'] })
      const rr = roundRobin(urlOf({ 'a.example': plain, 'b.example': b }, `sslmode=${mode}`))
      const events: unknown[] = []
      rr.on('fail', ({ provider, verdict }) => events.push([provider, verdict]))
      const { error } = await ended(asked(rr))
      expect(error?.message).toBe('The server does not support SSL connections')
      expect(events).toEqual([[`127.0.0.1:${plain.port}`, 'caller']])
    },
  )

  it('psql stops there, too', async () => {
    await using plain = await startPostgres()
    const b = await server({ hosts: ['b.example'] })
    const { error } = await askPsql(urlOf({ 'a.example': plain, 'b.example': b }, 'sslmode=require'), 'select 1')
    expect(error).toMatch(/server does not support SSL, but SSL was required/)
  })

  it('nothing is sent to it in clear', async () => {
    await using plain = await startPostgres()
    await using proxy = await startProxy(plain)
    const rr = roundRobin(`postgresql://postgres:${secret}@127.0.0.1:${proxy.port}/postgres?sslmode=require`)
    await ended(asked(rr))
    expect([proxy.accepted, proxy.bytesUp]).toEqual([1, 8]) // SSLRequest
  })

  it('without sslmode none is wanted', async () => {
    const a = await server()
    expect(await asked(roundRobin([a.url]))).toEqual([String(a.port), false])
  })

  it('a server that insists on TLS says so to whoever comes without', async () => {
    const a = await server({ rules: ['hostnossl all all all reject'] })
    const { error } = await ended(asked(roundRobin([a.url])))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code: '28000', message: expect.stringContaining('no encryption') })
  })
})

describe('a certificate of the client', () => {
  it('through a failover', async () => {
    const rules = ['hostssl all certified all cert', 'host all certified all reject']
    const [a, b] = await Promise.all([server({ rules }), server({ rules })])
    for (const each of [a, b]) await each.query('create role certified login')
    const { cert, key } = await authority.issue({ name: 'certified' })
    const words = `sslmode=verify-full&sslrootcert=CA&user=certified&sslcert=${encodeURIComponent(cert)}&sslkey=${encodeURIComponent(key)}`
    const url = (extra: string) =>
      `postgresql://localhost:${a.port},localhost:${b.port}/postgres?hostaddr=127.0.0.1,127.0.0.1&${extra.replace('CA', encodeURIComponent(authority.ca))}`
    expect(await throughFailover(roundRobin(url(words)), a)).toEqual(encrypted(a, b))
    const { error } = await ended(
      asked(
        roundRobin(url('sslmode=require&user=certified').replace(`localhost:${a.port},`, '').replace('127.0.0.1,', '')),
      ),
    )
    expect(error).toMatchObject({ code: '28000', message: expect.stringContaining('valid client certificate') })
  })
})

describe.each(['scram-sha-256', 'md5'])('a password, %s', (method) => {
  async function protectedServer(password: string): Promise<PostgresServer> {
    const started = await server({ rules: [`host all mrs_miggins all ${method}`] })
    await started.query(`set password_encryption = '${method}'; create role mrs_miggins login password '${password}'`)
    return started
  }

  it('through a failover, in the clear and over TLS', async () => {
    for (const words of ['', '?sslmode=require']) {
      const [a, b] = await Promise.all([protectedServer(secret), protectedServer(secret)])
      const rr = roundRobin(
        `postgresql://mrs_miggins:${secret}@127.0.0.1:${a.port},127.0.0.1:${b.port}/postgres${words}`,
      )
      expect(await throughFailover(rr, a)).toEqual([a, b].map(({ port }) => [String(port), words !== '']))
    }
  })

  it('a function for each source: asked anew for each connection', async () => {
    const [a, b] = await Promise.all([protectedServer('of A'), protectedServer('of B')])
    const asks = { a: 0, b: 0 }
    const password = (name: 'a' | 'b', word: string) => async () => {
      asks[name]++
      await new Promise((resolve) => setImmediate(resolve))
      return word
    }
    const source = ({ host, port }: PostgresServer) => ({ host, port, user: 'mrs_miggins', database: 'postgres' })
    const rr = roundRobin([
      { ...source(a), password: password('a', 'of A') },
      { ...source(b), password: password('b', 'of B') },
    ])
    expect(await throughFailover(rr, a)).toEqual([a, b].map(({ port }) => [String(port), false]))
    expect(asks).toEqual({ a: 2, b: 2 }) // its own session, and a client
  })

  it('a wrong one stops at once: the server’s own words, and no other server is asked', async () => {
    const [a, b] = await Promise.all([protectedServer('another'), protectedServer(secret)])
    await using proxy = await startProxy(b)
    const rr = roundRobin(`postgresql://mrs_miggins:${secret}@127.0.0.1:${a.port},127.0.0.1:${proxy.port}/postgres`)
    const { error } = await ended(asked(rr))
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code: '28P01', message: expect.stringContaining('"mrs_miggins"') })
    expect(JSON.stringify(error) + error?.stack).not.toContain(secret)
    expect(proxy.accepted).toBe(0)
  })

  it('none where one is needed stops at once', async () => {
    const a = await protectedServer(secret)
    const { error } = await ended(asked(roundRobin(`postgresql://mrs_miggins@127.0.0.1:${a.port}/postgres`)))
    expect(error).toBeInstanceOf(Error)
    expect(error?.code).not.toBe('TOURNIQUET_EXHAUSTED')
  })

  it('one that is changed meanwhile: what is open stays open, the next failover stops', async () => {
    const [a, b] = await Promise.all([protectedServer(secret), protectedServer('changed')])
    const rr = roundRobin(`postgresql://mrs_miggins:${secret}@127.0.0.1:${a.port},127.0.0.1:${b.port}/postgres`)
    expect(await asked(rr)).toEqual([String(a.port), false])
    await a.kill()
    expect((await ended(asked(rr))).error).toMatchObject({ code: '28P01' })
    await b.query(`set password_encryption = '${method}'; alter role mrs_miggins password '${secret}'`)
    expect(await asked(rr)).toEqual([String(b.port), false])
  })
})
