import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../src/index.ts'
import { processTable } from '../src/process/process-table.ts'
import { treeOf } from '../src/process/process-tree.ts'
import { PostgresSession } from './postgres-session.ts'

const wrong = (value: unknown): never => value as never

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

test('starts, and answers queries', async () => {
  expect(server).toMatchObject({ name: 'postgres', state: 'running' })
  expect(server.url).toBe(`postgres://postgres@127.0.0.1:${server.port}/postgres`)
  expect(await server.isPrimary()).toBe(true)
  await server.query('create table t (id int primary key, word text)')
  const rows = await server.query(`insert into t values (1, 'two\nlines, "é"'), (2, null), (3, '') returning *`)
  expect(rows).toEqual([
    ['1', 'two\nlines, "é"'],
    ['2', ''],
    ['3', ''],
  ])
  expect(await server.query('select from t where false')).toEqual([])
  expect(await server.query('select 1; select 2')).toEqual([['2']])
  await server.promote()
  expect(await server.isPrimary()).toBe(true)
})

test('a refusal rejects with its SQLSTATE, and so does a server that is not there', async () => {
  await expect(server.query('select nothing')).rejects.toThrow('psql failed: ERROR:  42703: column "nothing" does not')
  await expect(server.query("insert into x values ('1'); select 1")).rejects.toThrow(
    '42P01: relation "x" does not exist',
  )
  await server.stop()
  await expect(server.query('select 1')).rejects.toThrow('Connection refused')
  await server.restart()
})

test('what was committed is there after a kill and a restart', async () => {
  await server.query('create table kept as select 1 as id')
  const { pid = 0, port } = server
  const tree = treeOf(pid)
  expect(tree.length).toBeGreaterThan(3)
  await server.kill()
  expect(server.state).toBe('stopped')
  const left = processTable().filter((entry) => tree.some((former) => former.pid === entry.pid && entry.state !== 'Z'))
  expect(left).toEqual([])
  await server.restart()
  expect(server).toMatchObject({ state: 'running', port })
  expect(await server.query('select id from kept')).toEqual([['1']])
  await server.restart()
  expect(await server.query('select id from kept')).toEqual([['1']])
})

test('freeze reaches each of its processes; thawed, it answers what was asked meanwhile', async () => {
  await server.freeze()
  const states = treeOf(server.pid ?? 0).flatMap(({ state }) => (state === 'Z' ? [] : state))
  expect(states.length).toBeGreaterThan(3)
  expect(new Set(states)).toEqual(new Set('T'))
  const answer = server.query('select 1')
  await server.thaw()
  expect(await answer).toEqual([['1']])
  await server.freeze()
  await server.kill()
  await server.restart()
  expect(await server.query('select 1')).toEqual([['1']])
})

test('read-only, it keeps its connections and refuses the writes that come by them', async () => {
  await using session = await PostgresSession.to(server)
  const backend = await session.says('select pg_backend_pid()')
  await server.setReadOnly(true)
  expect(await session.says('create table u ()')).toContain('cannot execute CREATE TABLE in a read-only transaction')
  expect(await session.says('select pg_backend_pid()')).toBe(backend)
  await server.setReadOnly(false)
  await server.query('create table u ()')
})

test('stops at once, whoever is connected', async () => {
  await using session = await PostgresSession.to(server)
  await session.says('select 1')
  await server.stop()
  expect(server.output).toContain('database system is shut down')
  await server.restart()
})

test('settings, and what it says when it does not start', async () => {
  const settings = { max_connections: 7, 'my.word': "it's", jit: false }
  await using own = await startPostgres({ name: 'A', settings })
  expect(await own.query("select current_setting('max_connections'), current_setting('my.word')")).toEqual([
    ['7', "it's"],
  ])
  await expect(startPostgres({ name: 'B', settings: { no_such_setting: 1 } })).rejects.toThrow(
    /^B did not start: it exited with exit code 1\n.*unrecognized configuration parameter "no_such_setting"/s,
  )
})

test('the environment of this process does not lead its clients astray', async () => {
  process.env.PGDATABASE = 'nowhere'
  process.env.PGOPTIONS = '-c no_such_setting=1'
  try {
    await server.restart()
    expect(await server.query('select current_database()')).toEqual([['postgres']])
  } finally {
    delete process.env.PGDATABASE
    delete process.env.PGOPTIONS
  }
})

test.each([
  [wrong(null), 'options must be an object; got null'],
  [{ name: '' }, 'name must be a string of one line that is not empty'],
  [{ port: 0 }, 'port must be a port from 1 to 65535'],
  [{ settings: wrong('jit = off') }, "settings must be an object; got 'jit = off'"],
  [{ settings: { 'jit = off; x': 1 } }, 'settings must be named as PostgreSQL names them'],
  [{ settings: { jit: wrong(null) } }, 'settings.jit must be a string of one line, a number or a boolean; got null'],
  [{ settings: { jit: 'a\nb' } }, 'settings.jit must be a string of one line'],
  [{ startTimeoutMs: -1 }, 'startTimeoutMs must be milliseconds'],
])('refuses %o', async (options, message) => {
  await expect(startPostgres(options)).rejects.toThrow(TypeError)
  await expect(startPostgres(options)).rejects.toThrow(message)
})

test('refuses what is not SQL, an address or yes or no', async () => {
  await expect(server.query(wrong(1))).rejects.toThrow('sql must be a string; got 1')
  await expect(server.setReadOnly(wrong('on'))).rejects.toThrow("readOnly must be true or false; got 'on'")
  await expect(server.demote(wrong(undefined))).rejects.toThrow('primary.host must be a string of one line')
  await expect(server.standby({ via: wrong({ host: 'x' }) })).rejects.toThrow('via.port must be a port')
  expect(server.state).toBe('running')
})
