import { createServer, type Server } from 'node:net'
import { inspect } from 'node:util'
import { type PostgresServer, startPostgres, startProxy, waitFor } from '@tourniquet/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ListenHandler, PgConnector, PgRoundRobin, type PgSource } from '../src/index.ts'
import { ended, idsIn, twoServers, urlOf } from './two-servers.ts'

const secret = 'p1eSh0p'
const url = `postgresql://mrs-miggins:${secret}@127.0.0.1:5432/db`

// At what no PostgreSQL says, pg 8.11 throws in the handler of its socket, where nobody can catch it. And what it has begun
// to write when a value turns out not to be writable, it sends with the next message, of whichever connection that is.
const isLowest = !('_queryQueue' in new pg.Client())

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server?.[Symbol.asyncDispose]())

function thrownBy(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** An error of ours that says so, and shows no secret anywhere. */
function expectInvalid(error: unknown, words: RegExp): void {
  expect(error).toMatchObject({ name: 'InvalidError', code: 'TOURNIQUET_INVALID', outcome: 'not-applied' })
  expect((error as Error).message).toMatch(words)
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/p1eSh0p|mrs-miggins/)
}

describe('a source that is not as expected: an error at once that names it', () => {
  it.each<[string, unknown, RegExp]>([
    ['none', [], /sources must be a list of at least one source; got none/],
    ['undefined', undefined, /sources must be a list .* got undefined/],
    ['null', null, /sources must be a list/],
    ['a number', 5432, /sources must be a list .* got number/],
    ['one that is no list', { host: 'a', password: secret }, /sources must be a list .* got object/],
    ['twice', [url, url], /sources has 127\.0\.0\.1:5432 twice; list each provider once/],
    ['twice, as another user', [url, 'postgresql://other@127.0.0.1/x'], /127\.0\.0\.1:5432 twice/],
    ['twice, in a URL', `postgresql://mrs-miggins:${secret}@a,a:5432/db`, /a:5432 twice/],
  ])('sources: %s', (_, sources, words) => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin(sources as PgSource[])),
      words,
    )
  })

  it.each<[string, unknown, RegExp]>([
    [
      'a number',
      5432,
      /a source must be a URL such as postgresql:\/\/.*, or an object of the options of a pg\.Client; got number/,
    ],
    ['null', null, /a source must be a URL/],
    ['undefined', undefined, /a source must be a URL .* got undefined/],
    ['a function', () => url, /a source must be a URL .* got function/],
    ['an empty text', '', /a source: .* got an empty text/],
    ['another scheme', `http://mrs-miggins:${secret}@a`, /a source: .* got one that begins with http:\/\//],
    ['no scheme', `mrs-miggins:${secret}@a:5432/db`, /a source: .* does not begin so/],
    ['key words and values', `host=a password=${secret}`, /a source: .* write them as parameters of a URL/],
    [
      'a URL of many hosts',
      `postgresql://mrs-miggins:${secret}@a,b/db`,
      /one host: give a URL of many hosts by itself/,
    ],
    ['target_session_attrs', `${url}?target_session_attrs=primary`, /give it as the option targetSessionAttrs/],
    ['a host that is a list', { host: 'a,b', password: secret }, /its host must be the name of one/],
    ['a host that is no text', { host: 5, password: secret }, /its host must be/],
    ['a port out of range', { host: 'a', port: 70_000, password: secret }, /port.* is 70000/],
    ['a stream', { host: 'a', stream: () => {}, password: secret }, /stream is not an option of a source/],
    ['a connection', { host: 'a', connection: {}, password: secret }, /connection is not an option of a source/],
    ['a connectionString that is none', { connectionString: `nope:${secret}` }, /a source: .* does not begin so/],
    ['a connectionString of many', { connectionString: `postgres://mrs-miggins:${secret}@a,b` }, /must name one host/],
  ])('source: %s', (_, source, words) => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin([source as PgSource])),
      words,
    )
  })

  it.each<[string, unknown]>([
    ['a URL object', new URL(url)],
    ['a list', [url]],
  ])('source: %s is not taken for localhost', (_, source) => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin([source as PgSource])),
      /a source must be/,
    )
  })

  it('source: a port that is no number: says what it must be', () => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin([{ host: 'a', port: 'x' as unknown as number }])),
      /port must be a (whole )?number from 1 to 65535/,
    )
  })

  it('a source without a host has the name of what is dialled', () => {
    vi.stubEnv('PGHOST', 'db.example')
    vi.stubEnv('PGPORT', '6432')
    try {
      expect(new PgRoundRobin([{ user: 'u' }]).providers.map(({ provider }) => provider)).toEqual(['db.example:6432'])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it.each<[string, string, RegExp]>([
    ['a port out of range', url.replace('5432', '70000'), /the port of host 1 must be a number/],
    ['a % that is none', url.replace(secret, `%${secret}`), /the password has a % without two hexadecimal digits/],
    ['a second @', url.replace(secret, `${secret}@x`), /more than one @ .* @ is written %40/],
    ['a #', url.replace(secret, `${secret}#`), /has a # in it/],
    ['a / in the password', url.replace(secret, `${secret}/x`), /\/ %2F/],
    ['a space', url.replace(secret, `${secret} x`), /a space or a line break/],
    ['what is of the pool', `${url}?max=5`, /max is not a key word of libpq: .* as an option/],
    [
      'a role nobody knows',
      `${url}?target_session_attrs=master`,
      /target_session_attrs must be any, read-write.*; got master/,
    ],
    ['an sslmode nobody knows', `${url}?sslmode=on`, /sslmode must be disable/],
    [
      'a file that is not there',
      `${url}?sslmode=verify-full&sslrootcert=/nowhere`,
      /sslrootcert: the file \/nowhere cannot be read/,
    ],
    ['another scheme', url.replace('postgresql', 'mysql'), /got one that begins with mysql:\/\//],
    ['an empty text', '', /got an empty text/],
  ])('a URL with %s', (_, wrong, words) => {
    for (const work of [() => new PgRoundRobin(wrong), () => new PgRoundRobin([wrong])]) {
      const error = thrownBy(work)
      if (!/target_session_attrs=/.test(wrong) || !/a source/.test(error.message)) expectInvalid(error, words)
    }
  })

  it('no password is shown by what there is to print', () => {
    const rr = new PgRoundRobin([url, { host: 'b', user: 'mrs-miggins', password: secret }])
    const shown = [rr, rr.providers, rr.pool(), new rr.Client()].map((each) => JSON.stringify(each) ?? '')
    expect(`${shown.slice(1).join()}${inspect(rr.providers)}`).not.toContain(secret)
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['127.0.0.1:5432', 'b:5432'])
  })

  it('setSources refuses the same, and the old list stays', () => {
    const rr = new PgRoundRobin([url])
    expectInvalid(
      thrownBy(() => rr.setSources([])),
      /at least one source; got none/,
    )
    expectInvalid(
      thrownBy(() => rr.setSources(url as unknown as PgSource[])),
      /must be a list .* got string/,
    )
    expectInvalid(
      thrownBy(() => rr.setSources([url, 'postgresql://b,c'])),
      /must name one host/,
    )
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['127.0.0.1:5432'])
  })
})

describe('an option that is not as expected', () => {
  it.each<[string, unknown, RegExp]>([
    ['null', null, /options must be an object/],
    ['a text', secret, /options must be an object; got string/],
    [
      'targetSessionAttrs',
      { targetSessionAttrs: 'master' },
      /targetSessionAttrs must be one of any, read-write, .*; got "master"/,
    ],
    ['targetSessionAttrs, no text', { targetSessionAttrs: 5 }, /targetSessionAttrs must be one of .*; got number/],
    ['pool', { pool: secret }, /pool must be an object of pg-pool's options; got string/],
    ['pool, null', { pool: null }, /pool must be an object/],
    ['pg, no driver', { pg: {} }, /pg must be the module of node-postgres/],
    ['pg, a class', { pg: pg.Client }, /pg must be the module of node-postgres: import pg from 'pg'/],
    [
      'pg, another driver',
      { pg: { Client: class {}, Pool: class {} } },
      /pg must be node-postgres in JavaScript, 8\.11 or newer: pg\.native/,
    ],
    ['connector', { connector: {} }, /the connector must be an object with a function connect/],
    ['an option nobody knows', { hearbeatMs: 1 }, /unknown option hearbeatMs; there are .*heartbeatMs/],
    ['heartbeatMs', { heartbeatMs: 0 }, /heartbeatMs must be a time in ms above 0 .* Infinity .* got 0/],
    ['probeTimeoutMs', { probeTimeoutMs: '1' }, /probeTimeoutMs must be a time/],
    ['connectTimeoutMs', { connectTimeoutMs: -1 }, /connectTimeoutMs must be a time/],
    ['drainMs', { drainMs: -1 }, /drainMs must be 0 or a time/],
    ['maxAttempts', { maxAttempts: 0 }, /maxAttempts must be a whole number above 0/],
    ['idempotent', { idempotent: 'yes' }, /idempotent must be true or false/],
    ['backoff', { backoff: { initialMs: -1 } }, /initialMs/],
    ['name', { name: 5 }, /name must be a string/],
  ])('%s', (_, options, words) => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin([url], options as object)),
      words,
    )
  })

  it.each(['host', 'port', 'connectionString', 'stream', 'connection', 'Client'])('pool.%s', (name) => {
    expectInvalid(
      thrownBy(() => new PgRoundRobin([url], { pool: { [name]: secret } })),
      new RegExp(`pool\\.${name} cannot be given: `),
    )
  })

  it('targetSessionAttrs: what is no word is not shown', () => {
    const options = { targetSessionAttrs: url as 'any' }
    expectInvalid(
      thrownBy(() => new PgRoundRobin([url], options)),
      /targetSessionAttrs must be one of/,
    )
  })

  it('a connector, and what it would have to be told', () => {
    const connector = new PgConnector()
    expectInvalid(
      thrownBy(() => new PgRoundRobin([url], { connector, targetSessionAttrs: 'primary' })),
      /targetSessionAttrs .*connector/,
    )
    expectInvalid(
      thrownBy(() => new PgRoundRobin('postgresql://a,b?target_session_attrs=primary', { connector })),
      /target_?[sS]ession_?[aA]ttrs .*connector/,
    )
  })

  it('of a connector by itself', () => {
    expectInvalid(
      thrownBy(() => new PgConnector({ targetSessionAttrs: 'x' as 'any' })),
      /targetSessionAttrs must be one of/,
    )
    expectInvalid(
      thrownBy(() => new PgConnector({ pool: { host: 'a' } })),
      /pool\.host cannot be given/,
    )
  })

  it.each<[unknown, RegExp]>([
    [null, /options must be an object/],
    [{ target: 'primary' }, /unknown option target/],
    [{ drainMs: -1 }, /drainMs must be/],
  ])('of a connector by itself: %j', (options, words) => {
    expectInvalid(
      thrownBy(() => new PgConnector(options as object)),
      words,
    )
  })

  it('undefined is as good as left out', () => {
    const rr = new PgRoundRobin([{ host: 'a', port: undefined, user: undefined }], {
      targetSessionAttrs: undefined,
      pool: undefined,
      pg: undefined,
      connector: undefined,
      heartbeatMs: undefined,
      drainMs: undefined,
    })
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['a:5432'])
  })
})

describe('an argument that is not as expected: a rejection, and nothing moves', () => {
  const dead = () => new PgRoundRobin(['postgresql://127.0.0.1:1'], { backoff: { initialMs: 1, maxMs: 1 } })

  it.each<[string, (rr: PgRoundRobin) => Promise<unknown>, RegExp]>([
    ['run()', (rr) => rr.run(undefined as never), /run needs a function; got undefined/],
    ['run(number)', (rr) => rr.run(5 as never), /run needs a function; got number/],
    ['run, an option', (rr) => rr.run(async () => {}, { deadline: 1 } as object), /unknown option deadline/],
    ['query, an option', (rr) => rr.query('select 1', [], { idempotnt: true } as object), /unknown option idempotnt/],
    ['query, a callback', (rr) => rr.query('select 1', [], (() => {}) as object), /options must be an object/],
    ['transaction()', (rr) => rr.transaction(undefined as never), /transaction needs a function; got undefined/],
    ['transaction, an option', (rr) => rr.transaction(async () => {}, { level: 1 } as object), /unknown option level/],
    ['listen()', (rr) => (rr.listen as () => Promise<unknown>)(), /channel must be a name; got undefined/],
    ['listen(number)', (rr) => rr.listen(5 as never, () => {}), /channel must be a name; got number/],
    ['listen, empty', (rr) => rr.listen('', () => {}), /channel must be a name; got an empty text/],
    ['listen, 64 bytes', (rr) => rr.listen('x'.repeat(64), () => {}), /at most 63 bytes, .*cuts off.*; it has 64/],
    ['listen, 64 bytes of 32 letters', (rr) => rr.listen('ü'.repeat(32), () => {}), /at most 63 bytes.*; it has 64/],
    ['listen, a NUL', (rr) => rr.listen('a\0b', () => {}), /must not contain a NUL/],
    ['listen, no handler', (rr) => rr.listen('news', undefined as never), /handler must be a function; got undefined/],
    ['listen, no function', (rr) => rr.listen('news', {} as ListenHandler), /handler must be a function; got object/],
    ['close', (rr) => rr.close({ drainMs: -1 }), /drainMs must be/],
  ])('%s', async (_, call, words) => {
    const rr = dead()
    expectInvalid((await ended(call(rr))).error, words)
    await rr.close()
  })

  it.each<[string, (rr: PgRoundRobin) => Promise<unknown>]>([
    ['run', (rr) => rr.run(async () => {}, null as never)],
    ['query', (rr) => rr.query('select 1', [], null as never)],
  ])('%s, options that are null', async (_, call) => {
    const rr = dead()
    const { error } = await ended(call(rr))
    expectInvalid(error, /options must be an object/)
    await rr.close()
  })

  it('an event nobody knows', () => {
    expectInvalid(
      thrownBy(() => dead().on('error' as never, () => {})),
      /there is no event error; there are connect, fail, failover/,
    )
  })

  it.each<[string, unknown[]]>([
    ['null', [null]],
    ['undefined', [undefined]],
    ['a number', [5]],
    ['an empty object', [{}]],
    ['values that are no list', ['select $1', 'x']],
    ['options in place of the values', ['select 1', { idempotent: true }]],
    ['a value too few', ['select $1::int, $2::int', [1]]],
    ['a value too many', ['select $1::int', [1, 2]]],
    ...(isLowest
      ? []
      : [['a circle, which cannot be written', ['select $1::text', [circle()]]] as [string, unknown[]]]),
  ])('G4 a query of %s: what a plain pool says, and the next query works', async (_, args) => {
    const plain = new pg.Pool({ connectionString: server.url })
    await using rr = new PgRoundRobin([server.url])
    const asked = async (pool: { query: unknown }) =>
      await ended((async () => await (pool.query as (...words: unknown[]) => unknown)(...args))())
    const bound = [plain, rr, rr.pool()].map((pool) => ({ query: pool.query.bind(pool) }))
    const fails: unknown[] = []
    rr.on('fail', (event) => fails.push(event))
    const [expected, ...own] = [
      await asked(bound[0] as never),
      await asked(bound[1] as never),
      await asked(bound[2] as never),
    ]
    for (const { error } of own)
      expect([error?.name, error?.message]).toEqual([expected?.error?.name, expected?.error?.message])
    expect(expected?.error).toBeInstanceOf(Error)
    expect(fails).toEqual([])
    expect((await rr.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await plain.end()
  })

  it.each([undefined, null])('G4 a run that rejects with %o does so', rejects)
  it.each([0, 'text'])('G4 a run that rejects with %o does so', rejects)
  async function rejects(reason: unknown): Promise<void> {
    await using rr = new PgRoundRobin([server.url])
    const outcomes = await Promise.allSettled([
      rr.run(() => Promise.reject(reason)),
      rr.transaction(() => Promise.reject(reason)),
    ])
    expect(outcomes).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    expect((await rr.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  }

  it('G4 a run that throws, and does not reject', async () => {
    await using rr = new PgRoundRobin([server.url])
    const own = new Error('own')
    const thrower = () => {
      throw own
    }
    expect((await ended(rr.run(thrower))).error).toBe(own)
    expect((await ended(rr.transaction(thrower))).error).toBe(own)
    expect(await rr.run(() => 5 as never)).toBe(5)
    expect(rr.pool().idleCount).toBe(1)
  })
})

describe('what a server says when it is dialled names the mistake', () => {
  it('no server shows the password in any error', async () => {
    const wrong = [
      { host: server.host, port: server.port, user: 'mrs-miggins', password: secret, database: 'db' },
      { host: '127.0.0.1', port: 1, user: 'mrs-miggins', password: secret, database: 'db', ssl: true },
    ]
    for (const sources of [wrong, wrong.slice(1)]) {
      await using rr = new PgRoundRobin(sources, { backoff: { initialMs: 1, maxMs: 1 } })
      for (const ask of [
        () => rr.query('select 1'),
        () => rr.pool().query('select 1'),
        () => rr.listen('news', () => {}),
      ]) {
        const { error } = await ended<unknown>(ask())
        expect(error).toBeInstanceOf(Error)
        expect(inspect(error, { depth: 9 })).not.toContain(secret)
        expect(JSON.stringify(error)).not.toContain(secret)
      }
    }
  })

  it('a caller’s mistake is told with the server it was made with, in the event', async () => {
    await using rr = new PgRoundRobin([{ host: server.host, port: server.port, user: 'nobody' }])
    const events: unknown[] = []
    rr.on('fail', ({ provider, verdict, error }) => events.push([provider, verdict, (error as Error).message]))
    await ended(rr.query('select 1'))
    expect(events).toEqual([[`127.0.0.1:${server.port}`, 'caller', 'role "nobody" does not exist']])
  })

  it('several at the same time are told the same, with one dial', async () => {
    await using proxy = await startProxy(server)
    await using rr = new PgRoundRobin([urlOf(proxy).replace(/postgres$/, 'nosuch')])
    const pool = rr.pool()
    const ends = await Promise.all([1, 2, 3, 4].map(() => ended(pool.query('select 1'))))
    expect(ends.map(({ error }) => error?.code)).toEqual(['3D000', '3D000', '3D000', '3D000'])
    expect(proxy.accepted).toBe(1)
  })
})

describe('a source that is no PostgreSQL', () => {
  it.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ...(isLowest ? [] : [['a MySQL server', 'J\0\0\0\x0a8.0.36\0\x08\0\0\0']]),
    ['one that closes', ''],
  ])('%s: is passed over, and named where no other is there', async (_, words = '') => {
    const other = await answering(words)
    const { port } = other.address() as { port: number }
    const options = { connectTimeoutMs: 2000, backoff: { initialMs: 1, maxMs: 1 } }
    try {
      await using both = new PgRoundRobin([`postgresql://127.0.0.1:${port}/db`, server.url], options)
      expect((await both.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      const impatient = { ...options, connectTimeoutMs: 300, maxAttempts: 1 } // no dial of it is to succeed
      await using alone = new PgRoundRobin([`postgresql://127.0.0.1:${port}/db`], impatient)
      const { error } = await ended(alone.query('select 1'))
      expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' })
      expect(error?.message).toContain(`127.0.0.1:${port}`)
    } finally {
      other.close()
    }
  })
})

describe('large and strange input passes', () => {
  it('a value of 10 MB, a text of all letters, and a NUL, which no text may have', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const big = 'ü'.repeat(5_000_000)
    expect((await rr.query('select length($1) as n', [big])).rows[0].n).toBe(5_000_000)
    const strange = '\'"\\$1;--\u{1F418}\n\t'
    await rr.query('insert into t values ($1)', [strange])
    expect(await idsIn(a)).toEqual([strange.replace(/\n$/, '')])
    const { error } = await ended(rr.query('select $1::text', ['a\0b']))
    expect(error).toMatchObject({ code: '22021' })
    expect(rr.current).toBe(urlOf(servers.proxyA))
  })
})

function circle(): object {
  const one: Record<string, unknown> = {}
  one.self = one
  return one
}

async function answering(words: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => (words ? socket.write(words, 'latin1') : socket.end()))
  })
  server.listen(0, '127.0.0.1')
  await waitFor(() => server.listening)
  return server
}
