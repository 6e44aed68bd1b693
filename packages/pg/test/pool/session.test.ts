import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '@tourniquet/testkit'
import pg, { type PoolConfig } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { PgRoundRobin } from '../../src/index.ts'
import { below, oneServer, pools, rejection } from './subjects.ts'

const folder = mkdtempSync(join(tmpdir(), 'tourniquet-pg-pool-'))
chmodSync(folder, 0o777) // the server may run as another user
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hba = join(folder, 'hba.conf')
writeFileSync(
  hba,
  `host all by_scram all scram-sha-256
host all by_md5 all md5
host all by_text all password
host all all all trust
local all all trust
`,
  { mode: 0o644 },
)

const server = oneServer(
  { listen_addresses: '127.0.0.1,::1', unix_socket_directories: folder, hba_file: hba },
  `create role by_scram login password 'secret';
   create role by_text login password 'secret';
   set password_encryption = 'md5';
   create role by_md5 login password 'secret'`,
)

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

describe.each(pools)('settings of the sessions of $name', ({ open }) => {
  const setting = async (config: PoolConfig, name: string) => {
    await using opened = open(server().url, config)
    return (await opened.pool.query(`select current_setting('${name}') as value`)).rows[0].value
  }

  it('application_name and fallback_application_name', async () => {
    expect(await setting({ application_name: 'mine' }, 'application_name')).toBe('mine')
    expect(await setting({ fallback_application_name: 'else' }, 'application_name')).toBe('else')
    const both = { application_name: 'mine', fallback_application_name: 'else' }
    expect(await setting(both, 'application_name')).toBe('mine')
    await using inUrl = open(`${server().url}?application_name=url`)
    expect((await inUrl.pool.query('show application_name')).rows).toEqual([{ application_name: 'url' }])
  })

  it('statement_timeout, lock_timeout, idle_in_transaction_session_timeout', async () => {
    expect(await setting({ statement_timeout: 1234 }, 'statement_timeout')).toBe('1234ms')
    expect(await setting({ lock_timeout: 1234 }, 'lock_timeout')).toBe('1234ms')
    const name = 'idle_in_transaction_session_timeout'
    expect(await setting({ [name]: 1234 }, name)).toBe('1234ms')
  })

  it('options', async () => {
    expect(await setting({ options: '-c search_path=mine -c work_mem=2MB' }, 'search_path')).toBe('mine')
  })

  it('client_encoding of each is UTF8, the time zone and date style are the server’s', async () => {
    expect(await setting({}, 'client_encoding')).toBe('UTF8')
    expect(await setting({}, 'DateStyle')).toBe('ISO, MDY')
  })

  it('statement_timeout: the server ends a statement, and the pool goes on', async () => {
    await using opened = open(server().url, { statement_timeout: 50, max: 1 })
    const { pool } = opened
    expect(await rejection(pool.query('select pg_sleep(60)'))).toMatchObject({ code: '57014' })
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('lock_timeout', async () => {
    await using opened = open(server().url, { lock_timeout: 50 })
    const { pool } = opened
    const client = await pool.connect()
    await client.query('drop table if exists locked; create table locked (n int)')
    await client.query('begin; lock table locked')
    expect(await rejection(pool.query('select from locked'))).toMatchObject({ code: '55P03' })
    await client.query('rollback')
    client.release()
  })

  it('query_timeout: the client gives up, and the pool goes on', async () => {
    await using opened = open(server().url, { query_timeout: 1000, max: 2 })
    const { pool } = opened
    const client = await pool.connect()
    expect((await rejection(client.query('select pg_sleep(60)'))).message).toBe('Query read timeout')
    client.release(true)
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('keepAlive', async () => {
    await using opened = open(server().url, { keepAlive: true, keepAliveInitialDelayMillis: 1000 })
    expect((await opened.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('user and database of the URL', async () => {
    await server().query('drop database if exists other')
    await server().query('create database other')
    await using opened = open(server().url.replace(/\/postgres$/, '/other'))
    const { rows } = await opened.pool.query('select current_user as u, current_database() as d')
    expect(rows).toEqual([{ u: 'postgres', d: 'other' }])
    await opened.pool.end()
  })
})

describe.each(pools)('addresses of $name', ({ open }) => {
  const from = async (url: string) => {
    await using opened = open(url)
    return (await opened.pool.query("select coalesce(host(inet_client_addr()), 'socket') as from")).rows[0].from
  }

  it('a name', async () => {
    expect(await from(server().url.replace('127.0.0.1', 'localhost'))).toMatch(/^(127\.0\.0\.1|::1)$/)
  })

  it('a name that does not exist', async () => {
    await using opened = open(server().url.replace('127.0.0.1', 'no.such.host.invalid'))
    expect((await rejection(opened.pool.query('select 1'))).message).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  it('a socket', async () => {
    const { port } = server()
    expect(await from(`postgres://postgres@${encodeURIComponent(folder)}:${port}/postgres`)).toBe('socket')
  })
})

describe.skipIf(!hasIPv6).each(pools)('IPv6 of $name', ({ open }) => {
  it('an address in brackets', async () => {
    await using opened = open(server().url.replace('127.0.0.1', '[::1]'))
    const { rows } = await opened.pool.query('select host(inet_client_addr()) as from')
    expect(rows).toEqual([{ from: '::1' }])
  })
})

describe.each(pools)('passwords of $name', ({ open }) => {
  const urlOf = (role: string, password?: string) =>
    server().url.replace('postgres@', password === undefined ? `${role}@` : `${role}:${password}@`)
  const whoIs = async (url: string, config: PoolConfig = {}) => {
    await using opened = open(url, config)
    return (await opened.pool.query('select current_user as who')).rows[0].who
  }
  const roles = ['by_scram', 'by_md5', 'by_text']

  it.each(roles)('%s: the right one', async (role) => {
    expect(await whoIs(urlOf(role, 'secret'))).toBe(role)
    expect(await whoIs(urlOf(role), { password: 'secret' })).toBe(role)
  })

  it.each(roles)('%s: a wrong one', async (role) => {
    await using opened = open(urlOf(role, 'wrong'))
    const error = await rejection(opened.pool.connect())
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({ code: '28P01', message: `password authentication failed for user "${role}"` })
    expect(await rejection(opened.pool.query('select 1'))).toMatchObject({ code: '28P01' })
    expect(opened.pool.totalCount).toBe(0)
  })

  it.each(roles)('%s: a function, also an asynchronous one, is asked for each connection', async (role) => {
    let calls = 0
    const password = async () => {
      calls++
      return 'secret'
    }
    await using opened = open(urlOf(role), { password })
    const { pool } = opened
    await Promise.all(below(4).map(() => pool.query('select pg_sleep(0.02)')))
    expect(calls).toBeGreaterThanOrEqual(pool.totalCount)
    expect(await whoIs(urlOf(role), { password: () => 'secret' })).toBe(role)
  })

  it('a function that fails', async () => {
    const failing = () => Promise.reject(new Error('no password today'))
    expect((await rejection(whoIs(urlOf('by_scram'), { password: failing }))).message).toBe('no password today')
  })

  it('a function that changes its mind: what is wrong today is right tomorrow', async () => {
    let secret = 'wrong'
    await using opened = open(urlOf('by_scram'), { password: () => secret })
    const { pool } = opened
    expect(await rejection(pool.query('select 1'))).toMatchObject({ code: '28P01' })
    secret = 'secret'
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('one beside the source', async () => {
    await using rr = new PgRoundRobin([urlOf('by_scram')], { pool: { password: async () => 'secret' } })
    expect((await rr.pool().query('select current_user as who')).rows).toEqual([{ who: 'by_scram' }])
  })

  it('none where one is needed', async () => {
    expect((await rejection(whoIs(urlOf('by_scram')))).message).toMatch(/^SASL: .*must be a string/)
  })

  it('the sessions are closed', async () => {
    const others = "select 1 from pg_stat_activity where usename like 'by\\_%'"
    await waitFor(async () => (await server().query(others)).length === 0)
  })
})

describe.each(pools.filter(({ isPlain }) => !isPlain))('passwords that cannot be had, of $name', ({ open }) => {
  it('what is no text is not the fault of a server', async () => {
    const password = (() => 5) as unknown as () => string
    await using opened = open(server().url.replace('postgres@', 'by_scram@'), { password })
    expect((await rejection(opened.pool.query('select 1'))).message).toBe('Password must be a string')
  })
})

it('a password beside the source that cannot be had is not the fault of a server', async () => {
  const password = () => Promise.reject(new Error('no password today'))
  await using rr = new PgRoundRobin([server().url.replace('postgres@', 'by_scram@')], { pool: { password } })
  expect((await rejection(rr.pool().query('select 1'))).message).toBe('no password today')
})
