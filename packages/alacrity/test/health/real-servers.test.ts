import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgres, startRedis, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckMethod } from '../../src/config/model.ts'
import type { CheckResult } from '../../src/health/contract.ts'
import { runCheck } from '../../src/health/run-check.ts'
import { serverCheck } from './check-options.ts'
import { startHAProxy } from './haproxy.ts'
import { type MariaDb, startMariaDb } from './mariadb.ts'

/** For an answer that comes. Where none does a test says how long it waits. */
const answerMs = 10_000

type Said = readonly [status: string, code: string, text: string]

async function ours(method: CheckMethod, port: number, answerTimeoutMs = answerMs): Promise<Said> {
  const { status, code, text }: CheckResult = await runCheck({
    target: { host: '127.0.0.1', port },
    method,
    check: serverCheck(),
    connectTimeoutMs: 2_000,
    answerTimeoutMs,
    signal: new AbortController().signal,
  })
  return [status, String(code ?? ''), text]
}

async function theirs(lines: readonly string[], port: number, answerTimeoutMs: number): Promise<Said> {
  const server = `server s1 127.0.0.1:${port} check inter 100s fastinter 100 downinter 100s`
  const timeouts = ['timeout connect 2s', `timeout check ${answerTimeoutMs}ms`]
  const section = ['backend b', ...timeouts, ...lines, server].join('\n')
  await using haproxy = await startHAProxy(section)
  const row = async (): Promise<Record<string, string>> => await haproxy.row('b', 's1')
  await waitFor(async () => !/INI|\*/.test((await row()).check_status ?? ''), { timeoutMs: 20_000 })
  const { check_status = '', check_code = '', last_chk = '' } = await row()
  return [check_status, check_code, last_chk]
}

async function both(
  lines: readonly string[],
  method: CheckMethod,
  port: number,
  answerTimeoutMs = answerMs,
): Promise<Said> {
  const [we, they] = await Promise.all([ours(method, port, answerTimeoutMs), theirs(lines, port, answerTimeoutMs)])
  expect(we).toEqual(they)
  return we
}

const send = (data: string): { kind: 'send'; data: Buffer } => ({ kind: 'send', data: Buffer.from(data) })
const wait = (text: string): { kind: 'expect'; negate: boolean; match: { kind: 'string'; text: string } } => ({
  kind: 'expect',
  negate: false,
  match: { kind: 'string', text },
})

describe('Redis', () => {
  test('is well, and asks for a password', async () => {
    await using open = await startRedis()
    await using closed = await startRedis({ args: ['--requirepass', 'secret'], cliArgs: ['-a', 'secret'] })
    const words = ['option redis-check']
    expect(await both(words, { kind: 'redis' }, open.port)).toEqual(['L7OK', '0', 'Redis server is ok'])
    expect(await both(words, { kind: 'redis' }, closed.port, 1_000)).toEqual(['L7TOUT', '', ''])
  })

  test('is a primary or a replica, as people ask with tcp-check', async () => {
    await using primary = await startRedis()
    await using replica = await startRedis()
    await replica.replicate(primary)
    const lines = ['option tcp-check', 'tcp-check send PING\\r\\n', 'tcp-check expect string +PONG']
    const more = ['tcp-check send info\\ replication\\r\\n', 'tcp-check expect string role:master']
    const steps = [send('PING\r\n'), wait('+PONG'), send('info replication\r\n'), wait('role:master')]
    const method: CheckMethod = { kind: 'tcp-check', steps }
    expect(await both([...lines, ...more], method, primary.port)).toEqual(['L7OK', '0', '(tcp-check)'])
    const late = " at step 4 of tcp-check (expect string 'role:master')"
    expect(await both([...lines, ...more], method, replica.port, 1_000)).toEqual(['L7TOUT', '', late])
  })
})

test('PostgreSQL is well whatever it asks for, and not where it lets nobody in', async () => {
  const hba = join(mkdtempSync(join(tmpdir(), 'alacrity-hba-')), 'hba.conf')
  writeFileSync(hba, ['postgres trust', 'asked scram-sha-256'].map(entry).join('\n'))
  chmodSync(dirname(hba), 0o755) // it may run as another user
  await using postgres = await startPostgres({ settings: { hba_file: hba } })
  const check = async (user: string): Promise<Said> =>
    await both([`option pgsql-check user ${user}`], { kind: 'pgsql', user }, postgres.port)
  expect(await check('postgres')).toEqual(['L7OK', '0', 'PostgreSQL server is ok'])
  expect(await check('asked')).toEqual(['L7OK', '0', 'PostgreSQL server is ok'])
  expect(await check('nobody')).toEqual(['L7RSP', '', 'FATAL'])
  rmSync(dirname(hba), { recursive: true })
})

/** A line of pg_hba.conf: who may come from this machine, and how. */
function entry(words: string): string {
  const [user, method] = words.split(' ')
  return `local all ${user} ${method}\nhost all ${user} 127.0.0.1/32 ${method}`
}

describe('MariaDB', () => {
  let mariadb: MariaDb
  beforeAll(async () => {
    mariadb = await startMariaDb()
  }, 120_000)
  afterAll(() => mariadb?.[Symbol.asyncDispose]())

  const method = (user: string): CheckMethod => ({ kind: 'mysql', user, version: 'post-41' })

  test('is well for a user without a password, and counts no failure', async () => {
    expect(await both(['option mysql-check user root'], method('root'), mariadb.port)).toEqual(['L7OK', '0', ''])
    const before = await mariadb.counter('Aborted_connects')
    for (let round = 0; round < 20; round++) await ours(method('root'), mariadb.port)
    expect(await mariadb.counter('Aborted_connects')).toBe(before)
  })

  test('says why it lets another one not in', async () => {
    const [status, code, text] = await both(['option mysql-check user other'], method('other'), mariadb.port)
    expect([status, code]).toEqual(['L7STS', '1045'])
    expect(text).toContain('Access denied for user')
  })

  test('is well without a user, too', async () => {
    const greeting: CheckMethod = { kind: 'mysql', version: 'post-41' }
    expect(await both(['option mysql-check'], greeting, mariadb.port)).toEqual(['L7OK', '0', ''])
  })
})
