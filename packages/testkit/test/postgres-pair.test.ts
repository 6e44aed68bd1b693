import { expect, test } from 'vitest'
import { freePort, type PostgresServer, startPostgres, startPostgresPair, startProxy, waitFor } from '../src/index.ts'
import { PostgresSession } from './postgres-session.ts'

async function has(server: PostgresServer, count: number): Promise<void> {
  const isSo = async () => (await server.query('select count(*) from t'))[0]?.[0] === String(count)
  await waitFor(isSo, { what: `${server.name} to have ${count} rows` })
}

async function syncState(primary: PostgresServer): Promise<string[][]> {
  return await primary.query('select application_name, state, sync_state from pg_stat_replication')
}

test('the standby has what the primary has and takes no writes, also after a kill; promoted it stays a primary', async () => {
  await using pair = await startPostgresPair({ settings: { max_connections: 20 } })
  const { primary, standby } = pair
  expect([await primary.isPrimary(), await standby.isPrimary()]).toEqual([true, false])
  expect(await syncState(primary)).toEqual([['standby', 'streaming', 'async']])
  expect(await standby.query('show max_connections')).toEqual([['20']])
  await primary.query('create table t as select 1 as id')
  await waitFor(() => standby.query('select from t'))
  await expect(standby.query('insert into t values (2)')).rejects.toThrow('25006')

  await standby.kill()
  await primary.query('insert into t values (2)')
  await standby.restart()
  await has(standby, 2)
  expect(await standby.isPrimary()).toBe(false)
  await standby.promote()
  await standby.restart()
  expect(await standby.isPrimary()).toBe(true)
})

test('the primary is killed, the standby promoted, the old primary becomes its standby', async () => {
  await using pair = await startPostgresPair()
  const { primary, standby } = pair
  await primary.query('create table t as select 1 as id')
  await waitFor(() => standby.query('select from t'))
  await using session = await PostgresSession.to(standby)
  const backend = await session.says('select pg_backend_pid()')
  await primary.kill()
  await standby.promote()
  expect(await session.says('insert into t values (2) returning pg_backend_pid()')).toBe(backend)

  await primary.restart() // it thinks it is one, and goes astray
  await primary.query('insert into t values (3)')
  await primary.demote(standby)
  expect(await primary.isPrimary()).toBe(false)
  expect(await primary.query('select id from t order by id')).toEqual([['1'], ['2']])
  expect(await syncState(standby)).toEqual([['primary', 'streaming', 'async']])
})

test('synchronous: a commit waits for the standby, and the promoted standby waits for nobody', async () => {
  await using pair = await startPostgresPair({ synchronous: true })
  const { primary, standby } = pair
  expect(await syncState(primary)).toEqual([['standby', 'streaming', 'sync']])
  await primary.query('create table t as select 1 as id')
  await standby.freeze()
  const inserted = primary.query('insert into t values (2)')
  const isWaiting = async () =>
    (await primary.query("select pid from pg_stat_activity where wait_event = 'SyncRep'")).length
  await waitFor(isWaiting, { what: 'the commit to wait' })
  await standby.thaw()
  await inserted
  await primary.kill()
  await standby.promote()
  await standby.query('insert into t values (3)')
  await has(standby, 3)
})

test('streams through a fault proxy, and catches up after a cut; a primary may have several', async () => {
  await using primary = await startPostgres()
  const proxy = await startProxy(primary.url)
  await using cutOff = await primary.standby({ name: "cut 'off'", via: proxy })
  await using other = await primary.standby()
  expect(new Set((await syncState(primary)).map(([name]) => name))).toEqual(new Set(["cut 'off'", 'standby']))
  await proxy.refuse()
  proxy.cut()
  await primary.query('create table t as select 1 as id')
  await waitFor(() => other.query('select from t'))
  await expect(cutOff.query('select from t')).rejects.toThrow('42P01')
  await proxy.pass()
  await waitFor(() => cutOff.query('select from t'))
  await proxy.close()
})

test('a demotion that fails leaves its data as they were', async () => {
  await using primary = await startPostgres()
  await primary.query('create table t as select 1 as id')
  await expect(primary.demote({ host: '127.0.0.1', port: await freePort() })).rejects.toThrow('pg_basebackup failed')
  expect(primary.state).toBe('stopped')
  await primary.restart()
  expect(await primary.isPrimary()).toBe(true)
  await has(primary, 1)
})

test('refuses synchronous: "on"', async () => {
  await expect(startPostgresPair({ synchronous: 'on' as never })).rejects.toThrow('synchronous must be true or false')
})
