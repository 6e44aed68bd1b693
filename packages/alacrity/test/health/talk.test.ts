import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, waitFor } from '@tourniquet/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import type { CheckMethod, ServerCheck } from '../../src/config/model.ts'
import type { CheckOptions, CheckResult } from '../../src/health/contract.ts'
import { runCheck } from '../../src/health/run-check.ts'
import { HealthWatch } from '../../src/health/watch.ts'
import { serverCheck } from './check-options.ts'
import { type Behaviour, type Scripted, startScripted } from './scripted.ts'

const servers: AsyncDisposable[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})
async function scripted(behaviour: Behaviour): Promise<Scripted> {
  const server = await startScripted(behaviour)
  servers.push(server)
  return server
}

async function look(port: number, method: CheckMethod, more: Partial<CheckOptions> = {}): Promise<CheckResult> {
  return await runCheck({
    target: { host: '127.0.0.1', port },
    method,
    check: serverCheck(),
    connectTimeoutMs: 15_000,
    answerTimeoutMs: 15_000,
    signal: new AbortController().signal,
    ...more,
  })
}

/** For a server that does not answer. */
const shortly = { answerTimeoutMs: 300 }
const connecting: CheckMethod = { kind: 'connect' }
const withHeader = (sendProxy: 1 | 2): { check: ServerCheck } => ({ check: serverCheck({ sendProxy }) })

describe('what a check leaves behind', () => {
  // As HAProxy does, seen by the same servers: an RST where nothing more is said, a FIN after a goodbye.
  test.each<[string, CheckMethod, Behaviour, Partial<CheckOptions>, string]>([
    ['a connection alone', connecting, {}, {}, 'ECONNRESET'],
    ['redis', { kind: 'redis' }, { says: ['+PONG\r\n'] }, {}, 'ECONNRESET'],
    ['redis, in vain', { kind: 'redis' }, {}, shortly, 'ECONNRESET'],
    ['ldap', { kind: 'ldap' }, { says: ['no'], ends: 'stay' }, shortly, 'ECONNRESET'],
    ['a PROXY header', connecting, {}, withHeader(1), 'fin'],
    ['pgsql', { kind: 'pgsql', user: 'u' }, { says: ['R\0\0\0\x08\0\0\0\0'] }, {}, 'fin'],
    ['mysql', { kind: 'mysql', version: 'post-41' }, { first: true, says: ['\x01\0\0\0\x0a'] }, {}, 'fin'],
    ['smtp', { kind: 'smtp', hello: 'HELO localhost' }, { first: true, says: ['421 no\r\n'] }, {}, 'fin'],
  ])('%s: the server sees how it ended', async (_, method, behaviour, more, end) => {
    const server = await scripted(behaviour)
    await look(server.port, method, more)
    await waitFor(() => server.ends.length > 0)
    expect(server.ends).toEqual([end])
  })

  // A process ends by itself once nothing holds it: no socket, no timer.
  test('is nothing that keeps a process alive, however it ended', async () => {
    const behaviours: Behaviour[] = [
      { says: ['+PONG\r\n'] },
      { absent: 'dark' },
      { first: true, ends: 'rst' },
      { tls: true, says: ['+PONG\r\n'] },
    ]
    const ports = [await freePort(), ...(await Promise.all(behaviours.map(scripted))).map(({ port }) => port)]
    // Only there a time-out is meant.
    const dark = ports[2]
    const { port: silent } = await scripted({})
    const out = await runScript(`
      import { runCheck } from './src/health/run-check.ts'
      const check = ${JSON.stringify(serverCheck())}
      const look = async (port, tls, answerTimeoutMs, connectTimeoutMs = 15_000) => await runCheck({
        target: { host: '127.0.0.1', port }, method: { kind: 'redis' }, check: { ...check, tls },
        connectTimeoutMs, answerTimeoutMs, signal: new AbortController().signal,
      })
      const limit = (port) => (port === ${dark} ? 300 : 15_000)
      const both = (port) => [false, true].map((tls) => look(port, tls, 60_000, limit(port)))
      const looks = ${JSON.stringify(ports)}.flatMap(both)
      const found = await Promise.all([...looks, look(${silent}, false, 300), look(${silent}, true, 300, 2_000)])
      console.log(found.map(({ status }) => status).join(' '))`)
    expect(out).toBe('L4CON L4CON L7OK L6RSP L4TOUT L4TOUT SOCKERR L6RSP L7STS L7OK L7TOUT L6TOUT')
  })

  test('nor does a watch that waits for its next check', async () => {
    const server = await scripted({})
    const out = await runScript(`
      import { HealthWatch } from './src/health/watch.ts'
      const check = { ...${JSON.stringify(serverCheck())}, interMs: 60_000 }
      const target = () => ({ host: '127.0.0.1', port: ${server.port} })
      const onChange = ({ health }) => console.log(health.level)
      new HealthWatch({ check, method: { kind: 'connect' }, timeouts: {}, target, onChange }).start()
      setTimeout(() => {}, 200) // until the first check is under way`)
    expect(out).toBe('4')
  })
})

const scriptMs = 20_000

/** Runs a script in a process of its own, which must end by itself; what it wrote. */
async function runScript(script: string): Promise<string> {
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const cwd = join(import.meta.dirname, '../..')
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: scriptMs })
  return stdout.trim()
}

describe('a PROXY header', () => {
  test('of version 1 gives the own addresses, of version 2 says LOCAL, and both come before all else', async () => {
    const server = await scripted({})
    await look(server.port, { kind: 'redis' }, { ...shortly, ...withHeader(1) })
    const ping = '*1\r\n$4\r\nPING\r\n'
    expect(Buffer.concat(server.heard).toString()).toMatch(
      new RegExp(
        `^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${server.port}\r\n${ping.replaceAll(/[*$]/g, '\\$&')}$`,
      ),
    )
    server.heard.length = 0
    await look(server.port, { kind: 'redis' }, { ...shortly, ...withHeader(2) })
    expect(Buffer.concat(server.heard).toString('latin1')).toBe(`\r\n\r\n\0\r\nQUIT\n\x20\0\0\0${ping}`)
  })
})

describe('a check ends', () => {
  test('at once when it is aborted, with a result that says so', async () => {
    const server = await scripted({})
    const stop = new AbortController()
    const began = performance.now()
    const looking = look(server.port, { kind: 'redis' }, { signal: stop.signal, answerTimeoutMs: 60_000 })
    await waitFor(() => server.heard.length > 0)
    stop.abort()
    expect(await looking).toMatchObject({ status: 'UNK', text: 'aborted' })
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await look(server.port, connecting, { signal: stop.signal })).toMatchObject({ status: 'UNK' })
  })

  test('after inter, connection and answer together, without a time-out for answers', async () => {
    const [silent, dark] = [await scripted({}), await scripted({ absent: 'dark' })]
    const { answerTimeoutMs: _, ...rest } = { answerTimeoutMs: 0, connectTimeoutMs: 200 }
    for (const [port, status] of [
      [silent.port, 'L7TOUT'],
      [dark.port, 'L4TOUT'],
    ] as const) {
      const { ms, ...found } = await runCheck({ ...base(port), ...rest })
      expect(found.status).toBe(status)
      expect(ms).toBeGreaterThanOrEqual(199)
      expect(ms).toBeLessThan(10_000)
    }
  })
  const base = (port: number): Omit<CheckOptions, 'connectTimeoutMs'> => ({
    target: { host: '127.0.0.1', port },
    method: { kind: 'redis' },
    check: serverCheck(),
    signal: new AbortController().signal,
  })

  test.each([
    [{ path: '/nowhere/there' }, { status: 'SOCKERR', text: 'General socket error (No such file or directory)' }],
    [{ host: '127.0.0.1', port: 70_000 }, { status: 'SOCKERR' }],
    [{ host: 'no-such-host.invalid', port: 1 }, { status: 'SOCKERR' }],
  ])('with a result where there is nothing to check: %j', async (target, found) => {
    expect(await look(0, connecting, { target, connectTimeoutMs: 5_000 })).toMatchObject(found)
  })
})

test('a watch finds a server that went away, and one that came back', async () => {
  const port = await freePort()
  const listen = async (): Promise<ReturnType<typeof createServer>> => {
    const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(port, '127.0.0.1')
    await waitFor(() => server.listening)
    return server
  }
  const check = serverCheck({ interMs: 500, fastinterMs: 10, downinterMs: 20 })
  const watch = new HealthWatch({
    check,
    method: connecting,
    timeouts: {},
    target: () => ({ host: '127.0.0.1', port }),
  })
  const first = await listen()
  watch.start()
  await waitFor(() => watch.health.level === 4)
  await new Promise((resolve) => first.close(resolve))
  await waitFor(() => watch.health.status === 'down')
  expect(watch.health.last).toMatchObject({ status: 'L4CON', text: 'Connection refused' })
  expect(watch.counts).toEqual({ failed: 3, downs: 1, observed: 0 })
  const second = await listen()
  await waitFor(() => watch.health.level === 4)
  watch.stop()
  await new Promise((resolve) => second.close(resolve))
})
