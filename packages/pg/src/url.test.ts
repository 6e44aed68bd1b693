import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { inspect } from 'node:util'
import { InvalidError } from '@tourniquet/core'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type PgAddress, parseUrl } from './url.ts'

const user = 'mrs-miggins'
const secret = 'p1eSh0p'
const folder = mkdtempSync(join(tmpdir(), 'tourniquet-url-'))

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  for (const name of ['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGSSLMODE'])
    vi.stubEnv(name, undefined)
  return () => vi.unstubAllEnvs()
})

describe('the parts of a URL', () => {
  it.each<[string, PgAddress[]]>([
    ['postgresql://a/db', [{ host: 'a', port: 5432, database: 'db' }]],
    ['postgres://a', [{ host: 'a', port: 5432 }]],
    ['postgres://', [{ host: 'localhost', port: 5432 }]],
    ['postgres:///', [{ host: 'localhost', port: 5432 }]],
    ['postgres:///db', [{ host: 'localhost', port: 5432, database: 'db' }]],
    ['postgres://?user=u', [{ host: 'localhost', port: 5432, user: 'u' }]],
    ['postgres://a?dbname=db', [{ host: 'a', port: 5432, database: 'db' }]],
    ['postgres://a/?', [{ host: 'a', port: 5432 }]],
    ['postgres://a/?user=u&', [{ host: 'a', port: 5432, user: 'u' }]],
    ['postgres://a/x/y', [{ host: 'a', port: 5432, database: 'x/y' }]],
    ['postgres://u:p@a:1/db', [{ host: 'a', port: 1, user: 'u', password: 'p', database: 'db' }]],
    ['postgres://u@a', [{ host: 'a', port: 5432, user: 'u' }]],
    ['postgres://u:@a', [{ host: 'a', port: 5432, user: 'u' }]],
    ['postgres://:p@a', [{ host: 'a', port: 5432, password: 'p' }]],
    ['postgres://@a', [{ host: 'a', port: 5432 }]],
    ['postgres://u:p:q@a', [{ host: 'a', port: 5432, user: 'u', password: 'p:q' }]],
    ['postgres://a_b.example-1.com', [{ host: 'a_b.example-1.com', port: 5432 }]],
  ])('%s', (url, sources) => {
    expect(parseUrl(url)).toStrictEqual({ sources })
  })

  it.each<[string, PgAddress]>([
    ['user', { user: 'ü:@/?#% +', host: 'a', port: 1 }],
    ['password', { password: 'p&=:@/?#%25 +', host: 'a', port: 1 }],
    ['database', { database: '…/?#% +', host: 'a', port: 1 }],
  ])('percent-encoded: %s', (_, source) => {
    const [name, password, database] = [source.user, source.password, source.database].map((text = '') =>
      encodeURIComponent(text),
    )
    expect(parseUrl(`postgres://${name}:${password}@%61:%31/${database}`)).toStrictEqual({ sources: [source] })
  })

  it('a + is one, in a value too; what is not ASCII need not be encoded', () => {
    const { sources } = parseUrl('postgres://ü+:p+@a/db+?application_name=a+b%2Bc')
    expect(sources).toMatchObject([{ user: 'ü+', password: 'p+', database: 'db+', application_name: 'a+b+c' }])
  })
})

describe('hosts and ports', () => {
  it.each<[string, string[]]>([
    ['a:1,b:2', ['a 1', 'b 2']],
    ['a,b', ['a 5432', 'b 5432']],
    ['a:1,b', ['a 1', 'b 5432']],
    ['a,b:2', ['a 5432', 'b 2']],
    ['a:,b:', ['a 5432', 'b 5432']],
    ['a,b?port=7', ['a 7', 'b 7']],
    ['a:1,b:2?port=7', ['a 7', 'b 7']],
    ['a,b,c?port=1,,3', ['a 1', 'b 5432', 'c 3']],
    ['?host=a,b&port=1,2', ['a 1', 'b 2']],
    ['?host=a,b&port=1', ['a 1', 'b 1']],
    ['?host=a,b', ['a 5432', 'b 5432']],
    [':7?host=a,b', ['a 7', 'b 7']],
    ['x?host=a,b', ['a 5432', 'b 5432']],
    ['x?host=b&host=a', ['a 5432']],
    // A host that is left out, and one that is none
    [':7', ['localhost 7']],
    ['a:1,', ['a 1', 'localhost 5432']],
    [',b:2', ['localhost 5432', 'b 2']],
    ['a,,b', ['a 5432', 'localhost 5432', 'b 5432']],
    ['a?host=', ['localhost 5432']],
    ['a:1?port=', ['a 5432']],
    // IPv6
    ['[::1]', ['::1 5432']],
    ['[::1]:1,[2001:db8::2]:2,[::3]', ['::1 1', '2001:db8::2 2', '::3 5432']],
    ['[fe80::1%25eth0]:1', ['fe80::1%eth0 1']],
    ['?host=::1,::2&port=1,2', ['::1 1', '::2 2']],
    // Sockets
    ['%2Fvar%2Frun%2Fpostgresql', ['/var/run/postgresql 5432']],
    ['%2frun:7,a', ['/run 7', 'a 5432']],
    ['?host=/var/run/postgresql', ['/var/run/postgresql 5432']],
    ['?host=/run,a&port=1,2', ['/run 1', 'a 2']],
    // As libpq, which joins the hosts before it takes them apart
    ['a%2Cb', ['a 5432', 'b 5432']],
    // Addresses of hosts
    ['a?hostaddr=10.0.0.1', ['10.0.0.1 5432']],
    ['a:1,b:2?hostaddr=10.0.0.1,::2', ['10.0.0.1 1', '::2 2']],
    ['a:1,b:2?hostaddr=,10.0.0.2', ['a 1', '10.0.0.2 2']],
    ['?hostaddr=10.0.0.1,10.0.0.2&port=7', ['10.0.0.1 7', '10.0.0.2 7']],
    ['?hostaddr=,10.0.0.2', ['localhost 5432', '10.0.0.2 5432']],
  ])('%s', (text, expected) => {
    const { sources } = parseUrl(`postgres://u:p@${text.replace('?', '/db?')}`)
    expect(sources.map(({ host, port }) => `${host} ${port}`)).toEqual(expected)
    for (const source of sources) expect(source).toMatchObject({ user: 'u', password: 'p' })
  })

  it('where the URL says nothing, the environment does, as in libpq a list too', () => {
    vi.stubEnv('PGHOST', 'x,y')
    vi.stubEnv('PGPORT', '1,2')
    expect(parseUrl('postgres:///db').sources).toMatchObject([
      { host: 'x', port: 1 },
      { host: 'y', port: 2 },
    ])
    expect(parseUrl('postgres://a:7,b/db').sources).toMatchObject([{ port: 7 }, { host: 'b', port: 5432 }])
    expect(() => parseUrl('postgres://a')).toThrow(/one port, or one for each host: got 2 for 1 hosts in PGPORT/)
    vi.stubEnv('PGPORT', '3')
    expect(parseUrl('postgres://a').sources).toMatchObject([{ host: 'a', port: 3 }])
    expect(parseUrl('postgres://?hostaddr=::1').sources).toMatchObject([{ host: '::1', port: 3 }])
  })
})

describe('key words', () => {
  it.each<[string, object]>([
    ['user=u&password=p&dbname=d', { user: 'u', password: 'p', database: 'd' }],
    ['application_name=my%20app', { application_name: 'my app' }],
    ['fallback_application_name=x', { fallback_application_name: 'x' }],
    ['client_encoding=auto', { client_encoding: 'auto' }],
    ['options=-c%20statement_timeout%3D5s', { options: '-c statement_timeout=5s' }],
    ['replication=database', { replication: 'database' }],
    ['replication=', {}],
    ['%75ser=u', { user: 'u' }],
    ['user=&password=&application_name=', {}],
    ['keepalives=1', { keepAlive: true }],
    ['keepalives=0', { keepAlive: false }],
    ['keepalives_idle=30', { keepAlive: true, keepAliveInitialDelayMillis: 30_000 }],
    ['keepalives=1&keepalives_idle=30', { keepAlive: true, keepAliveInitialDelayMillis: 30_000 }],
    ['keepalives=0&keepalives_idle=30', { keepAlive: false }],
    ['statement_timeout=5000', { statement_timeout: 5000 }],
    ['lock_timeout=1', { lock_timeout: 1 }],
    ['idle_in_transaction_session_timeout=2', { idle_in_transaction_session_timeout: 2 }],
    ['query_timeout=0', { query_timeout: 0 }],
    ['channel_binding=disable', { enableChannelBinding: false }],
    ['channel_binding=prefer', { enableChannelBinding: true }],
    ['channel_binding=require', { enableChannelBinding: true }],
    // What asks for nothing that node-postgres does not do
    ['gssencmode=prefer', {}],
    ['gssencmode=disable', {}],
    ['gssdelegation=0', {}],
    ['krbsrvname=postgres', {}],
    ['keepalives_interval=0&keepalives_count=0&tcp_user_timeout=0', {}],
    ['load_balance_hosts=disable', {}],
    ['min_protocol_version=3.0&max_protocol_version=latest', {}],
    ['require_auth=&requirepeer=', {}],
    ['sslcertmode=allow&sslcompression=0&sslsni=1', {}],
    ['sslnegotiation=postgres', {}],
    ['uselibpqcompat=true', {}],
  ])('%s', (text, expected) => {
    expect(parseUrl(`postgres://a,b?${text}`)).toStrictEqual({
      sources: [
        { host: 'a', port: 5432, ...expected },
        { host: 'b', port: 5432, ...expected },
      ],
    })
  })

  it('they win over the parts before them, and the last over the first', () => {
    const { sources } = parseUrl('postgres://u:p@a:1/d?user=v&password=q&dbname=e&host=b&port=3&port=2')
    expect(sources).toStrictEqual([{ host: 'b', port: 2, user: 'v', password: 'q', database: 'e' }])
  })

  it.each(['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const)(
    'target_session_attrs=%s',
    (targetSessionAttrs) => {
      expect(parseUrl(`postgres://a?target_session_attrs=${targetSessionAttrs}`)).toStrictEqual({
        sources: [{ host: 'a', port: 5432 }],
        targetSessionAttrs,
      })
    },
  )

  it.each<[string, number]>([
    ['10', 10_000],
    ['2', 2000],
    ['1', 2000],
    ['0', Number.POSITIVE_INFINITY],
    ['-1', Number.POSITIVE_INFINITY],
    ['2147484', Number.POSITIVE_INFINITY], // longer than a timer can wait
    ['%2B3', 3000],
  ])('connect_timeout=%s', (seconds, connectTimeoutMs) => {
    expect(parseUrl(`postgres://a?connect_timeout=${seconds}`)).toMatchObject({ connectTimeoutMs })
  })
})

describe('TLS', () => {
  const certificate = { subject: { CN: 'other' }, subjectaltname: 'DNS:other' } as PeerCertificate

  /** What is checked: '', 'chain', or 'chain and name'. */
  function checks({ ssl }: PgAddress): string {
    if (typeof ssl !== 'object') return String(ssl)
    if (!ssl.rejectUnauthorized) return ''
    return ssl.checkServerIdentity ? `chain${ssl.checkServerIdentity('', certificate) ?? ''}` : 'chain and name'
  }

  it.each<[string, string]>([
    ['', 'undefined'],
    ['sslmode=disable', 'false'],
    ['sslmode=allow', 'false'],
    ['sslmode=prefer', ''],
    ['sslmode=require', ''],
    ['sslmode=no-verify', ''],
    ['sslmode=prefer&sslrootcert=CA', 'chain'],
    ['sslmode=require&sslrootcert=CA', 'chain'],
    ['sslmode=verify-ca&sslrootcert=CA', 'chain'],
    ['sslmode=no-verify&sslrootcert=CA', ''],
    ['sslmode=verify-full', 'chain and name'],
    ['sslmode=verify-full&sslrootcert=CA', 'chain and name'],
    ['sslmode=verify-full&sslrootcert=system', 'chain and name'],
    // Files that are not needed are not read
    ['sslmode=disable&sslrootcert=/nowhere', 'false'],
    ['sslmode=allow&sslcert=/nowhere&sslkey=/nowhere', 'false'],
    // As node-postgres
    ['ssl=true', 'chain and name'],
    ['ssl=1', 'chain and name'],
    ['ssl=false', 'false'],
    ['ssl=0', 'false'],
    ['ssl=no-verify', ''],
    ['ssl=true&sslmode=require', ''],
    ['ssl=0&sslmode=disable', 'false'],
    ['sslrootcert=CA', 'chain and name'],
    ['sslrootcert=system', 'chain and name'],
    ['sslcert=CERT&sslkey=KEY', 'chain and name'],
    ['ssl_min_protocol_version=TLSv1.3', 'chain and name'],
    ['sslnegotiation=direct', 'chain and name'],
    ['sslrootcert=&sslcert=&sslkey=&sslpassword=&sslcrl=', 'undefined'],
  ])('%s', (text, expected) => {
    const { sources } = parseUrl(`postgres://a,b?${withFiles(text)}`)
    expect(sources.map(checks)).toEqual([expected, expected])
  })

  it('each host is checked for its own name, or its address', () => {
    const { sources } = parseUrl('postgres://a,10.0.0.2,[::3]?sslmode=verify-full')
    expect(sources.map(({ ssl }) => ssl)).toStrictEqual([
      { rejectUnauthorized: true, servername: 'a' },
      { rejectUnauthorized: true, host: '10.0.0.2' },
      { rejectUnauthorized: true, host: '::3' },
    ])
    expect(new Set(sources.map(({ ssl }) => ssl)).size).toBe(3)
  })

  it('where an address is dialled, for the name all the same', () => {
    const { sources } = parseUrl('postgres://a,10.0.0.2,?hostaddr=10.0.0.1,10.0.0.3,10.0.0.4&sslmode=verify-full')
    expect(sources.map(({ host, ssl }) => [host, ssl])).toMatchObject([
      ['10.0.0.1', { servername: 'a' }],
      ['10.0.0.3', { host: '10.0.0.2' }],
      ['10.0.0.4', { host: '10.0.0.4' }],
    ])
  })

  it.each(['', '?sslmode=verify-full', '?sslmode=disable', '?ssl=true&sslnegotiation=direct'])(
    'none on a socket, as in libpq: %s',
    (query) => {
      expect(parseUrl(`postgres://%2Frun${query}`).sources).toStrictEqual([{ host: '/run', port: 5432, ssl: false }])
    },
  )

  it('sslnegotiation=direct is of each host that has TLS', () => {
    const { sources } = parseUrl('postgres://a,%2Frun?sslnegotiation=direct&sslmode=require')
    expect(sources.map(({ sslnegotiation }) => sslnegotiation)).toEqual(['direct', undefined])
  })

  it('the files are read now', () => {
    const query = 'sslmode=verify-full&sslrootcert=CA&sslcert=CERT&sslkey=LOCKED&sslpassword=open'
    const [source] = parseUrl(`postgres://a?${withFiles(query)}&ssl_min_protocol_version=TLSv1.2`).sources
    expect(source?.ssl).toStrictEqual({
      rejectUnauthorized: true,
      ca: readFileSync(files().CA, 'utf8'),
      cert: readFileSync(files().CERT, 'utf8'),
      key: readFileSync(files().LOCKED, 'utf8'),
      passphrase: 'open',
      minVersion: 'TLSv1.2',
      servername: 'a',
    } satisfies ConnectionOptions)
  })

  it('the versions', () => {
    const query = 'sslmode=require&ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3'
    expect(parseUrl(`postgres://a?${query}`).sources).toMatchObject([
      { ssl: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } },
    ])
  })

  it('sslcrl', () => {
    expect(parseUrl(withFiles('postgres://a?sslmode=verify-full&sslcrl=CRL')).sources).toMatchObject([
      { ssl: { crl: readFileSync(files().CRL, 'utf8') } },
    ])
  })
})

describe('what is refused: an InvalidError that says what is wrong, and shows neither user nor password', () => {
  const known = `${user}:${secret}@`

  it.each<[url: string, message: RegExp]>([
    // Not such a URL
    ['', /a URL such as postgresql:.* is wanted; got an empty text/],
    [`${known}a/db`, /is wanted; got a text that does not begin so/],
    [`//${known}a/db`, /is wanted; got a text that does not begin so/],
    [`mysql://${known}a/db`, /is wanted; got one that begins with mysql:\/\//],
    [`jdbc:postgresql://a/db?password=${secret}`, /begins with jdbc:postgresql:\/\//],
    [`POSTGRES://${known}a/db`, /begins with POSTGRES:\/\//],
    [`postgres:/${known}a`, /got a text that does not begin so/],
    [`host=a port=5432 password=${secret}`, /got key words and values \("host=… port=…"\).*parameters of a URL/],
    [` host = 'a' password=${secret}`, /got key words and values/],
    // Passwords that are not encoded
    [`postgres://${user}:x@${secret}@a/db`, /more than one @ .*@ is written %40/],
    [`postgres://${user}:x@${secret}:y@a:1/db`, /more than one @ .*@ is written %40/],
    [`postgres://${user}:x/${secret}@a/db`, /an @ behind its first \/ or \?.*\/ %2F/],
    [`postgres://${user}:12/${secret}@a/db`, /an @ behind its first/],
    [`postgres://${user}:x?${secret}@a/db`, /an @ behind its first .*\? %3F/],
    [`postgres://${user}:1?${secret}=1@a/db`, /an @ behind its first/],
    [`postgres://${user}:1/${secret}?${secret}=1@a/db`, /an @ behind its first/],
    [`postgres://${user}:x#${secret}@a/db`, /has a # in it: .*# %23/],
    [`postgres://${user}:#/@${secret}?@a/db`, /has a # in it: .*# %23/],
    [`postgres://${user}:x%${secret}@a/db`, /the password has a % .*% %25/],
    [`postgres://${user}:x ${secret}@a/db`, /a space or a line break .*a space %20/],
    [`postgres://${known}a/db\n`, /a space or a line break/],
    [`postgres://a/db?user=u@b&password=${secret}`, /an @ behind its first/],
    [`postgres://a/db?password=${secret}@`, /an @ behind its first/],
    [`postgres://a/db?password=x&${secret}=y`, /a parameter behind the \? is not a key word of libpq.*& .* %26/],
    [`postgres://a/db?password=x&user=u&password=y&${secret}=y`, /a parameter behind the \? is not/],
    [`postgres://a/db?password=x&${secret}`, /parameter 2 behind the \? has no =/],
    [`postgres://a/db?password=x=${secret}`, /parameter 1 behind the \? has more than one =.*= %3D/],
    [`postgres://a/db?sslpassword=x&${secret}=y`, /a parameter behind the \? is not/],
    // Without the @ and the hosts
    [`postgres://${user}:${secret}`, /the port of host 1 must be a number from 1 to 65535/],
    [`postgres://${user}:${secret}/db`, /the port of host 1 must be a number/],
    [`postgres://${user}:1,x:${secret}/db`, /the port of host 2 must be a number/],
    // Encoding
    [`postgres://${user}%zz:${secret}@a`, /the user has a % without two hexadecimal digits/],
    [`postgres://${user}:${secret}%f@a`, /the password has a %/],
    [`postgres://${user}:${secret}%ff@a`, /the password has a % .* of UTF-8/],
    [`postgres://${known}a,b%`, /the host 2 has a %/],
    [`postgres://${known}a:%3`, /the port of host 1 has a %/],
    [`postgres://${known}[::1%g]`, /the host 1 has a %/],
    [`postgres://${known}a/db%`, /the database has a %/],
    [`postgres://${known}a/db?user=%`, /the value of parameter 1 behind the \? has a %/],
    [`postgres://${known}a/db?user=u&%=%20`, /the parameter 2 behind the \? has a %/],
    [`postgres://${user}:${secret}%00@a`, /the password has %00/],
    [`postgres://${known}a%00`, /the host 1 has %00/],
    // Hosts and ports
    [`postgres://${known}[::1`, /host 1 of the URL is not host:port or \[IPv6 address\]:port/],
    [`postgres://${known}a,[::1]x`, /host 2 of the URL is not/],
    [`postgres://${known}[]`, /host 1 of the URL is not/],
    [`postgres://${known}[localhost]`, /host 1 of the URL is not/],
    [`postgres://${known}::1`, /the port of host 1 .* IPv6 address \[::1\]/],
    [`postgres://${known}a:0`, /the port of host 1/],
    [`postgres://${known}a:65536`, /the port of host 1/],
    [`postgres://${known}a:-1`, /the port of host 1/],
    [`postgres://${known}a:1.5`, /the port of host 1/],
    [`postgres://${known}a,b?port=x`, /the port of host 1/],
    [`postgres://${known}a,b,c:x`, /the port of host 3/],
    [`postgres://${known}a,b,c?port=1,2`, /there must be one port, or one for each host: got 2 for 3 hosts/],
    [`postgres://${known}a:1,b:2?host=a`, /got 2 for 1 hosts/],
    [`postgres://${known}a?port=1,`, /got 2 for 1 hosts/],
    [`postgres://${known}a%20b`, /host 1 must be a name, an IP address without brackets, or the path of a folder/],
    [`postgres://${known}%40a`, /host 1 must be a name/],
    [`postgres://${known}?host=a,[::1]`, /host 2 must be a name, an IP address without brackets/],
    [`postgres://${known}a,b?hostaddr=10.0.0.1`, /hostaddr must have an address for each host: 1 for 2 hosts/],
    [`postgres://${known}a?hostaddr=b`, /hostaddr of host 1 must be an IP address: give a name as host/],
    [`postgres://${known}?host=/run&hostaddr=10.0.0.1`, /host 1 is a folder of sockets, and has a hostaddr/],
    // Key words
    [`postgres://${known}a?max=20`, /^max is not a key word of libpq: .*as an option/],
    [`postgres://${known}a?User=u`, /^User is not a key word of libpq/],
    [`postgres://${known}a?=x`, /a parameter behind the \? is not a key word/],
    [`postgres://${known}a?x.y=1`, /a parameter behind the \? is not a key word/],
    [`postgres://${known}a?user`, /parameter 1 behind the \? has no =/],
    [`postgres://${known}a?user=u&&`, /parameter 2 behind the \? has no =/],
    [`postgres://${known}a?options=-c%20x=y`, /parameter 1 behind the \? has more than one =/],
    [
      `postgres://${known}a?target_session_attrs=readwrite`,
      /target_session_attrs must be any, read-write, read-only, primary, standby or prefer-standby; got readwrite/,
    ],
    [`postgres://${known}a?target_session_attrs=`, /target_session_attrs must be any, .*-standby$/],
    [`postgres://${known}a?target_session_attrs=%20x`, /target_session_attrs must be any, .*-standby$/],
    [`postgres://${known}a?connect_timeout=x`, /connect_timeout must be a whole number/],
    [`postgres://${known}a?connect_timeout=`, /connect_timeout must be a whole number/],
    [`postgres://${known}a?connect_timeout=1.5`, /connect_timeout must be a whole number/],
    [`postgres://${known}a?connect_timeout=99999999999`, /connect_timeout must be a whole number/],
    [`postgres://${known}a?keepalives=on`, /keepalives must be a whole number from 0 to 2147483647/],
    [`postgres://${known}a?keepalives_idle=-1`, /keepalives_idle must be a whole number from 0/],
    [`postgres://${known}a?statement_timeout=5s`, /statement_timeout must be a whole number from 0/],
    [`postgres://${known}a?lock_timeout=x`, /lock_timeout must/],
    [`postgres://${known}a?idle_in_transaction_session_timeout=x`, /idle_in_transaction_session_timeout must/],
    [`postgres://${known}a?query_timeout=2147483648`, /query_timeout must .* to 2147483647/],
    [`postgres://${known}a?channel_binding=yes`, /channel_binding must be disable, prefer or require; got yes/],
    // What node-postgres cannot do
    [
      `postgres://${known}a?gssencmode=require`,
      /^gssencmode is of libpq, and node-postgres cannot do it \(it may only be disable or prefer\): leave it out; use sslmode$/,
    ],
    [`postgres://${known}a?load_balance_hosts=random`, /load_balance_hosts .*sticky, not a balancer/],
    [
      `postgres://${known}a?service=${secret}`,
      /^service is of libpq, and node-postgres cannot do it: leave it out; write/,
    ],
    [`postgres://${known}a?requirepeer=root`, /requirepeer .*\(it may only be empty\)/],
    [`postgres://${known}a?passfile=/x`, /passfile .* PGPASSFILE/],
    ...['gsslib=gssapi', 'gssdelegation=1', 'krbsrvname=x', 'keepalives_interval=5', 'keepalives_count=5'].map(refused),
    ...['tcp_user_timeout=5', 'min_protocol_version=3.2', 'max_protocol_version=4', 'require_auth=md5'].map(refused),
    ...['scram_client_key=S', 'scram_server_key=S', 'servicefile=/x', 'sslcertmode=require', 'sslcrldir=/x'].map(
      refused,
    ),
    ...['sslcompression=1', 'sslkeylogfile=/x', 'sslsni=0', 'uselibpqcompat=false', 'oauth_issuer=x'].map(refused),
    ...['oauth_client_id=x', 'oauth_client_secret=S', 'oauth_scope=x'].map(refused),
    // TLS
    [`postgres://${known}a?sslmode=on`, /sslmode must be disable, allow, prefer, .* or no-verify; got on/],
    [`postgres://${known}a?sslmode=`, /sslmode must be disable/],
    [`postgres://${known}a?ssl=yes`, /ssl must be true, 1, false, 0 or no-verify; got yes/],
    [`postgres://${known}a?ssl=true&sslmode=disable`, /ssl and sslmode contradict each other/],
    [`postgres://${known}a?ssl=true&sslmode=allow`, /ssl and sslmode contradict each other/],
    [`postgres://${known}a?ssl=false&sslmode=require`, /ssl and sslmode contradict each other/],
    [`postgres://${known}a?sslmode=verify-ca`, /sslmode=verify-ca wants sslrootcert.* or use sslmode=verify-full/],
    [`postgres://${known}a?sslmode=require&sslrootcert=system`, /sslrootcert=system wants sslmode=verify-full/],
    [`postgres://${known}a?sslmode=prefer&sslnegotiation=direct`, /sslnegotiation=direct wants .*; got sslmode=prefer/],
    [`postgres://${known}a?sslnegotiation=x`, /sslnegotiation must be postgres or direct; got x/],
    [`postgres://${known}a?ssl_min_protocol_version=1.2`, /ssl_min_protocol_version must be TLSv1, .* or TLSv1.3/],
    [
      `postgres://${known}a?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2`,
      /ssl_min_protocol_version is above ssl_max_protocol_version/,
    ],
    [`postgres://${known}a?sslrootcert=/no/ca.pem`, /^sslrootcert: the file \/no\/ca\.pem cannot be read \(ENOENT\)/],
    [`postgres://${known}a?sslcert=/no/c.pem&sslkey=/no/k.pem`, /^sslcert: the file \/no\/c\.pem cannot be read/],
    [`postgres://${known}a?sslmode=require&sslcert=CERT&sslkey=/no/k`, /^sslkey: the file \/no\/k cannot be read/],
    [`postgres://${known}a?sslcrl=/no/crl`, /^sslcrl: the file \/no\/crl cannot be read/],
    [`postgres://${known}a?sslrootcert=FOLDER`, /^sslrootcert: .* cannot be read \(EISDIR\)/],
    [`postgres://${known}a?sslcert=CERT&sslkey=-----BEGIN%20KEY-----${secret}`, /sslkey: the file it names cannot/],
    [`postgres://${known}a?sslcert=CERT&sslkey=MC4CAQ${secret}${'A'.repeat(60)}`, /sslkey: the file it names cannot/],
    [`postgres://${known}a?sslcert=CERT`, /sslcert and sslkey belong together/],
    [`postgres://${known}a?sslkey=KEY`, /sslcert and sslkey belong together/],
    [`postgres://${known}a?sslrootcert=JUNK`, /sslrootcert is not a certificate in PEM format \(ERR_/],
    [`postgres://${known}a?sslcrl=JUNK`, /sslcrl is not a list of revoked certificates in PEM format \(ERR_/],
    [`postgres://${known}a?sslcert=CERT&sslkey=JUNK`, /sslcert, sslkey and sslpassword do not fit together/],
    [`postgres://${known}a?sslcert=CERT&sslkey=OTHER`, /do not fit together/],
    [`postgres://${known}a?sslcert=CERT&sslkey=LOCKED`, /do not fit together/],
    [`postgres://${known}a?sslcert=CERT&sslkey=LOCKED&sslpassword=${secret}`, /do not fit together/],
  ])('%s', (text, message) => {
    const url = withFiles(text)
    for (const option of [undefined, 'sources[1]']) {
      const error = thrownBy(() => parseUrl(url, option))
      expect(error).toBeInstanceOf(InvalidError)
      const said = String((error as Error).message)
      expect(said.startsWith(option ? `${option}: ` : '')).toBe(true)
      expect(option ? said.slice(`${option}: `.length) : said).toMatch(message)
      for (const hidden of [secret, user, ...(url ? [url] : [])]) expect(inspect(error)).not.toContain(hidden)
    }
  })

  it.each([undefined, null, 1, {}, new URL('postgres://a')])('%s', (url) => {
    expect(() => parseUrl(url as string)).toThrow(/a URL such as .* is wanted; got (undefined|null|number|object)$/)
  })

  function refused(text: string): [string, RegExp] {
    const [word] = text.split('=')
    return [
      `postgres://${known}a?${text.replace('=S', `=${secret}`)}`,
      new RegExp(`^${word} is of libpq, and node-pos`),
    ]
  }
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

/** Words in capitals are files. */
function withFiles(text: string): string {
  const names = /(?<==)(?:CA|CERT|KEY|LOCKED|OTHER|CRL|JUNK|FOLDER)(?=&|$)/g
  return text.replace(names, (name) => encodeURIComponent(files()[name as keyof ReturnType<typeof makeFiles>]))
}

let made: ReturnType<typeof makeFiles> | undefined

function files(): ReturnType<typeof makeFiles> {
  made ??= makeFiles()
  return made
}

function makeFiles() {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const [CA, KEY, OTHER, LOCKED, CRL, JUNK] = ['ca.pem', 'a.key', 'b.key', 'locked.key', 'crl.pem', 'junk'].map(
    path,
  ) as [string, string, string, string, string, string]
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  for (const key of [KEY, OTHER]) openssl('genpkey', ...curve, '-out', key)
  openssl('req', '-x509', '-key', KEY, '-subj', '/CN=a', '-days', '2', '-out', CA)
  openssl('pkey', '-in', KEY, '-aes128', '-passout', 'pass:open', '-out', LOCKED)
  writeFileSync(path('index'), '')
  writeFileSync(path('ca.cnf'), '[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=2\n')
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-keyfile', KEY, '-cert', CA, '-out', CRL)
  writeFileSync(JUNK, `nothing ${secret}`)
  return { CA, CERT: CA, KEY, OTHER, LOCKED, CRL, JUNK, FOLDER: folder }
}
