import { startProxy, waitFor } from '@tourniquet/testkit'
import pg, { type Client } from 'pg'
import { describe, expect, it } from 'vitest'
import {
  below,
  clients,
  driverName,
  followClient,
  oneServer,
  pidOf,
  plainClient,
  rejection,
  terminate,
  told,
} from './subjects.ts'

const server = oneServer()
const isLowest = driverName === 'pg-lowest'

/** The error that pg itself has given, which ours have as the cause of what they say of the outcome. */
const inPgsWords = (error: Error & { cause?: unknown }) =>
  error.cause instanceof Error ? error.cause.message : error.message

const isGone = async (pid: number) =>
  (await server().query(`select 1 from pg_stat_activity where pid = ${pid}`)).length === 0

describe.each(clients)('$name', ({ open, isPlain }) => {
  it('is a Client of pg', async () => {
    await using opened = open(server().url)
    expect(opened.client).toBeInstanceOf(pg.Client)
    expect(opened.client.constructor.name).toContain('Client')
  })

  it('connects by promise, which resolves to what it does with pg', async () => {
    await using opened = open(server().url)
    const { client } = opened
    // The oldest resolves to nothing.
    const resolved = await client.connect()
    if (!isLowest || !isPlain) expect(resolved).toBe(client)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    await client.end()
  })

  it('connects by callback', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const words = await told((callback) => client.connect(callback as never))
    expect(words).toEqual([null, client])
  })

  it('what is asked before it is connected waits, and is answered in order', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const order: number[] = []
    const queries = below(5).map(async (n) => {
      await client.query('select $1::int', [n])
      order.push(n)
    })
    void client.connect()
    await Promise.all([...queries, client.query('select 1')])
    expect(order).toEqual(below(5))
  })

  it('connect() and query() without waiting, by callback', async () => {
    await using opened = open(server().url)
    const { client } = opened
    client.connect(() => {})
    const [error, result] = await told((callback) => client.query('select 1 as n', callback))
    expect([error, (result as pg.QueryResult).rows]).toEqual([null, [{ n: 1 }]])
  })

  it('connect() twice is refused', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const message = 'Client has already been connected. You cannot reuse a client.'
    await client.connect()
    expect((await rejection(client.connect())).message).toBe(message)
    const [error] = await told((callback) => client.connect(callback as never))
    expect((error as Error).message).toBe(message)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('connect() twice while it connects is refused', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const connected = new Promise<void>((resolve) => client.once('connect', resolve))
    // With pg the second takes the place of the first, which is told nothing then.
    const first = client.connect()
    const message = 'Client has already been connected. You cannot reuse a client.'
    expect((await rejection(client.connect())).message).toBe(message)
    await connected
    if (!isPlain) expect(await first).toBe(client)
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('connect() after end() is refused', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    await client.end()
    const message = 'Client has already been connected. You cannot reuse a client.'
    expect((await rejection(client.connect())).message).toBe(message)
  })

  it('connect that fails: unknown role, unknown database, refused', async () => {
    const [, host] = /@(.*)\/postgres$/.exec(server().url) as unknown as [string, string]
    for (const [url, code] of [
      [`postgres://nobody@${host}/postgres`, '28000'],
      [`postgres://postgres@${host}/nosuch`, '3D000'],
    ] as const) {
      await using opened = open(url)
      const error = await rejection(opened.client.connect())
      expect(error).toBeInstanceOf(pg.DatabaseError)
      expect(error).toMatchObject({ code, severity: 'FATAL' })
    }
    await using proxy = await startProxy(server().url)
    await proxy.refuse()
    await using refused = open(proxy.url)
    expect((await rejection(refused.client.connect())).message).toContain('ECONNREFUSED')
  })

  it('connectionTimeoutMillis: the server is silent', async () => {
    await using proxy = await startProxy(server().url)
    await proxy.mute()
    await using opened = open(proxy.url, { connectionTimeoutMillis: 50 })
    expect((await rejection(opened.client.connect())).message).toBe('timeout expired')
  })

  it('end by promise and by callback', async () => {
    await using byPromise = open(server().url)
    await byPromise.client.connect()
    const pid = pidOf(byPromise.client)
    expect(await byPromise.client.end()).toBeUndefined()
    await waitFor(() => isGone(pid))
    await using byCallback = open(server().url)
    await byCallback.client.connect()
    await told((callback) => byCallback.client.end(callback as never))
  })

  it('end of one that was never connected', async () => {
    await using opened = open(server().url)
    expect(await opened.client.end()).toBeUndefined()
    await told((callback) => opened.client.end(callback as never))
  })

  it('end twice', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    await Promise.all([client.end(), client.end()])
    await client.end()
  })

  it('end with a query under way: that fails, and those behind it', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    const pid = pidOf(client)
    const failures = ['select pg_sleep(60)', 'select 1'].map((text) => rejection(client.query(text)))
    await client.end()
    for (const error of await Promise.all(failures)) expect(inPgsWords(error)).toBe('Connection terminated')
    await server().query(`select pg_terminate_backend(${pid})`)
  })

  it('nothing is answered after the end', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    await client.end()
    expect((await rejection(client.query('select 1'))).message).toBe('Client was closed and is not queryable')
    const [error] = await told((callback) => client.query('select 1', callback))
    expect((error as Error).message).toBe('Client was closed and is not queryable')
  })

  it('query(null) and query(undefined) throw', async () => {
    await using opened = open(server().url)
    await opened.client.connect()
    for (const none of [null, undefined] as unknown as string[]) {
      expect(() => opened.client.query(none)).toThrow(new TypeError('Client was passed a null or undefined query'))
    }
  })

  it('events: connect, drain, end', async () => {
    await using opened = open(server().url)
    await using plain = plainClient.open(server().url)
    const live = async (client: Client) => {
      const events = followClient(client)
      await client.connect()
      await client.query('select 1')
      const [, second] = [client.query('select 1'), client.query('select 2')]
      await second
      await client.end()
      await waitFor(() => events.includes('end'))
      return events
    }
    const events = await live(opened.client)
    expect(events).toEqual(await live(plain.client))
    expect(events).toEqual(['connect', 'drain', 'drain', 'end'])
  })

  it('drain comes when all is answered', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    let answered = 0
    const drained = new Promise((resolve) => client.once('drain', () => resolve(answered)))
    for (const _ of below(3)) client.query('select 1', () => answered++)
    expect(await drained).toBe(3)
  })

  it('its properties are those that it has with pg', async () => {
    await using opened = open(server().url, { application_name: 'mine' })
    await using plain = plainClient.open(server().url, { application_name: 'mine' })
    const names = ['user', 'database', 'port', 'host', 'password', 'ssl', 'binary', 'replication'] as const
    for (const { client } of [opened, plain]) await client.connect()
    const pick = (client: Client) => names.map((name) => [name, (client as unknown as Record<string, unknown>)[name]])
    expect(pick(opened.client)).toEqual(pick(plain.client))
    expect(pidOf(opened.client)).toBeTypeOf('number')
    expect((opened.client as unknown as { secretKey: unknown }).secretKey).toBeTypeOf('number')
    expect(Object.keys(opened.client)).not.toContain('password')
  })

  it('a password is in none of its own keys', async () => {
    await using opened = open(server().url.replace('postgres@', 'postgres:hidden@'))
    await opened.client.connect()
    const { inspect } = await import('node:util')
    expect(opened.client.password).toBe('hidden')
    expect(inspect(opened.client, { depth: 0 })).not.toContain('hidden')
    expect(Object.keys(opened.client)).not.toContain('password')
  })

  it('escapeIdentifier and escapeLiteral', async () => {
    await using opened = open(server().url)
    expect(opened.client.escapeIdentifier('a"b')).toBe('"a""b"')
    expect(opened.client.escapeLiteral("a'b\\")).toBe(" E'a''b\\\\'")
  })

  it('notices', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    const notices: unknown[] = []
    client.on('notice', (notice) => notices.push(notice))
    await client.query("do $$ begin raise notice 'hello'; raise warning 'beware' using detail = 'more'; end $$")
    expect(notices).toMatchObject([
      { message: 'hello', severity: 'NOTICE', code: '00000', name: 'notice' },
      { message: 'beware', severity: 'WARNING', code: '01000', detail: 'more' },
    ])
  })

  it('LISTEN and NOTIFY', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    const heard: unknown[] = []
    client.on('notification', (notification) => heard.push(notification))
    await client.query('listen news')
    await client.query("notify news, 'mine'")
    await server().query("notify news, 'theirs'; notify other")
    await waitFor(() => heard.length === 2)
    expect(heard).toMatchObject([
      { channel: 'news', payload: 'mine', processId: pidOf(client) },
      { channel: 'news', payload: 'theirs' },
    ])
    await client.query('unlisten news')
  })

  it('a transaction: commit, rollback, savepoint', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    await client.query('create temp table t (n int)')
    const all = async () => (await client.query('select n from t order by n')).rows.map(({ n }) => n)
    expect((await client.query('begin')).command).toBe('BEGIN')
    await client.query('insert into t values (1)')
    expect((await client.query('rollback')).command).toBe('ROLLBACK')
    expect(await all()).toEqual([])
    await client.query('begin; insert into t values (1); savepoint s; insert into t values (2)')
    await client.query('rollback to s')
    expect((await client.query('commit')).command).toBe('COMMIT')
    expect(await all()).toEqual([1])
  })

  it('a transaction that has failed takes nothing but its end', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    await client.query('begin')
    expect(await rejection(client.query('select nosuch'))).toMatchObject({ code: '42703' })
    expect(await rejection(client.query('select 1'))).toMatchObject({ code: '25P02' })
    expect((await client.query('commit')).command).toBe('ROLLBACK')
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it.skipIf(isLowest)('getTransactionStatus', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const seen = [client.getTransactionStatus()]
    await client.connect()
    seen.push(client.getTransactionStatus())
    await client.query('begin')
    seen.push(client.getTransactionStatus())
    await rejection(client.query('select nosuch'))
    await client.query('select 1').catch(() => {})
    seen.push(client.getTransactionStatus())
    await client.query('rollback')
    seen.push(client.getTransactionStatus())
    expect(seen).toEqual([null, 'I', 'T', 'E', 'I'])
  })

  it('1,000 queries at a time on one client', async () => {
    await using opened = open(server().url)
    const { client } = opened
    await client.connect()
    const results = await Promise.all(below(1000).map((n) => client.query('select $1::int as n', [n])))
    expect(results.map(({ rows }) => rows[0].n)).toEqual(below(1000))
  })

  it('setTypeParser holds for this client, also when it was set before it was connected', async () => {
    await using opened = open(server().url)
    await using other = open(server().url)
    const { client } = opened
    client.setTypeParser(23, (text) => `int ${text}`)
    await client.connect()
    client.setTypeParser(25, (text) => `text ${text}`)
    expect((await client.query("select 1 as n, 'a'::text as t")).rows).toEqual([{ n: 'int 1', t: 'text a' }])
    expect(client.getTypeParser(23)('2')).toBe('int 2')
    await other.client.connect()
    expect((await other.client.query("select 1 as n, 'a'::text as t")).rows).toEqual([{ n: 1, t: 'a' }])
  })

  it('listeners that were put on it, and on its connection, before it was connected are heard', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const heard: string[] = []
    client.once('connect', () => heard.push('connect'))
    client.connection.once('readyForQuery', () => heard.push('readyForQuery'))
    client.connection.on('parameterStatus', ({ parameterName }) => heard.push(parameterName))
    await client.connect()
    await waitFor(() => heard.includes('connect'))
    expect(heard).toContain('readyForQuery')
    expect(heard).toContain('server_version')
  })

  it('a session that is ended from outside: the query fails, error and end are said', async () => {
    await using opened = open(server().url)
    const { client } = opened
    const events = followClient(client)
    const errors: (Error & { code?: string })[] = []
    client.on('error', (error) => errors.push(error))
    await client.connect()
    const failed = rejection(client.query('select pg_sleep(60)'))
    await terminate(server(), pidOf(client))
    expect((await failed).code).toBe('57P01')
    await waitFor(() => events.includes('end'))
    expect(errors.length).toBeGreaterThan(0)
    expect(await rejection(client.query('select 1'))).toMatchObject({
      message: 'Client has encountered a connection error and is not queryable',
    })
    await client.end()
  })

  it('ref and unref', async () => {
    await using opened = open(server().url)
    await opened.client.connect()
    const inside = opened.client as unknown as { ref(): void; unref(): void }
    inside.unref()
    inside.ref()
    expect((await opened.client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })
})

describe.skipIf(isLowest).each(clients)('pipeline of $name', ({ open }) => {
  it('many at a time are answered each with its own', async () => {
    await using opened = open(server().url, { pipeline: true })
    const { client } = opened
    await client.connect()
    expect(client.pipeline).toBe(true)
    const results = await Promise.all(below(200).map((n) => client.query('select $1::int as n', [n])))
    expect(results.map(({ rows }) => rows[0].n)).toEqual(below(200))
    await client.end()
  })

  it('one that fails does not fail the others', async () => {
    await using opened = open(server().url, { pipeline: true })
    const { client } = opened
    await client.connect()
    const [first, failure, last] = [
      client.query('select 1 as n'),
      rejection(client.query('select nosuch')),
      client.query('select $1::int as n', [2]),
    ]
    expect([(await first).rows, (await last).rows]).toEqual([[{ n: 1 }], [{ n: 2 }]])
    expect(await failure).toMatchObject({ code: '42703' })
  })

  it('what is asked before it is connected waits', async () => {
    await using opened = open(server().url, { pipeline: true })
    const { client } = opened
    const queries = below(5).map((n) => client.query('select $1::int as n', [n]))
    await client.connect()
    expect((await Promise.all(queries)).map(({ rows }) => rows[0].n)).toEqual(below(5))
  })

  it('end waits for what is under way', async () => {
    await using opened = open(server().url, { pipeline: true })
    const { client } = opened
    await client.connect()
    const queries = below(5).map((n) => client.query('select $1::int as n', [n]))
    const ended = client.end()
    expect((await Promise.all(queries)).map(({ rows }) => rows[0].n)).toEqual(below(5))
    await ended
  })
})
