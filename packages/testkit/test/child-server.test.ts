import { expect, test } from 'vitest'
import { freePort, startServer, waitFor } from '../src/index.ts'
import { processTable } from '../src/process/process-table.ts'
import { connectError, connectTo } from './tcp.ts'

/** A server that answers every chunk with itself. */
const ECHO = `require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(process.argv[1], '127.0.0.1')`
/** The same, with a child of its own whose pid it says to whoever connects. */
const PARENT = `
  const { pid } = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  require('net').createServer((s) => s.on('error', () => {}).end(String(pid))).listen(process.argv[1], '127.0.0.1')`
/** The same as the first, deaf to SIGTERM. */
const STUBBORN = `process.on('SIGTERM', () => {}); ${ECHO}`

const node = (script: string) => ({
  name: 'echo',
  command: process.execPath,
  args: (port: number) => ['-e', script, String(port)],
})

function isAlive(pid: number): boolean {
  return processTable().some((entry) => entry.pid === pid && entry.state !== 'Z')
}

function stateOf(pid: number | undefined): string | undefined {
  return processTable().find((entry) => entry.pid === pid)?.state
}

test('starts a program on a free port and resolves when it accepts', async () => {
  await using server = await startServer(node(ECHO))
  const client = await connectTo(server.port)
  client.socket.write('hello')
  await client.reads('hello')
  expect(server).toMatchObject({ name: 'echo', host: '127.0.0.1', state: 'running' })
  expect(server.url).toBe(`tcp://127.0.0.1:${server.port}`)
  expect(isAlive(server.pid ?? 0)).toBe(true)
})

test('kill: gone at once, and restarted on the same port', async () => {
  await using server = await startServer(node(ECHO))
  const { pid, port } = server
  const client = await connectTo(port)
  await server.kill()
  expect(server).toMatchObject({ state: 'stopped', pid: undefined })
  expect(await connectError(port)).toBe('ECONNREFUSED')
  await waitFor(() => client.ended || client.errorCode)
  await server.kill()
  await server.restart()
  expect(server).toMatchObject({ state: 'running', port })
  expect(server.pid).not.toBe(pid)
  expect(await connectError(port)).toBeUndefined()
})

test('freeze: accepts and does not answer; thaw: answers', async () => {
  await using server = await startServer(node(ECHO))
  await server.freeze()
  expect([server.state, stateOf(server.pid)]).toEqual(['frozen', 'T'])
  const client = await connectTo(server.port)
  client.socket.write('hello')
  await server.freeze()
  await server.thaw()
  expect(server.state).toBe('running')
  expect(stateOf(server.pid)).not.toBe('T')
  await client.reads('hello')
})

test('stop: running, frozen or stopped already', async () => {
  await using server = await startServer(node(ECHO))
  await Promise.all([server.stop(), server.stop()])
  await server.stop()
  expect(server.state).toBe('stopped')
  await server.restart()
  await server.freeze()
  await server.stop()
  expect(server.state).toBe('stopped')
})

test('stop kills a program that does not stop in stopGraceMs', async () => {
  await using server = await startServer({ ...node(STUBBORN), stopGraceMs: 50 })
  const pid = server.pid ?? 0
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('stopSignal is what stop asks with', async () => {
  await using server = await startServer({ ...node(STUBBORN), stopSignal: 'SIGINT', stopGraceMs: 60_000 })
  await server.stop()
  expect(server.state).toBe('stopped')
})

test('restart of a running server is another process', async () => {
  await using server = await startServer(node(ECHO))
  const { pid } = server
  await Promise.all([server.restart(), server.restart()])
  expect(server.state).toBe('running')
  expect(server.pid).not.toBe(pid)
  expect(isAlive(pid ?? 0)).toBe(false)
})

test.each(['kill', 'stop'] as const)('freeze, thaw and %s reach the server’s own children', async (end) => {
  await using server = await startServer(node(PARENT))
  const client = await connectTo(server.port)
  await client.isEnded()
  const child = Number(client.text)
  await server.freeze()
  expect(stateOf(child)).toBe('T')
  await server.thaw()
  expect(stateOf(child)).not.toBe('T')
  await server[end]()
  expect(isAlive(child)).toBe(false)
})

test('a server that dies by itself is stopped', async () => {
  await using server = await startServer(node(`${ECHO}; process.on('SIGUSR2', () => process.exit(3))`))
  process.kill(server.pid ?? 0, 'SIGUSR2')
  await waitFor(() => server.state === 'stopped')
  await expect(server.freeze()).rejects.toThrow('cannot freeze echo: it is stopped. restart() it first')
  await expect(server.thaw()).rejects.toThrow('cannot thaw echo: it is stopped. restart() it first')
  expect(server.pid).toBeUndefined()
})

test('env and cwd are the program’s', async () => {
  const script = `console.log(process.env.GREETING, process.cwd(), process.env.HOME); ${ECHO}`
  await using server = await startServer({ ...node(script), env: { GREETING: 'hello', HOME: undefined }, cwd: '/' })
  expect(server.output).toBe('hello / undefined\n')
})

test('ready is asked until it neither rejects nor says false', async () => {
  const answers = [() => Promise.reject(new Error('not yet')), () => false, () => undefined]
  await using server = await startServer({ ...node(ECHO), ready: () => answers.shift()?.() })
  expect(answers).toEqual([])
  expect(server.state).toBe('running')
})

test('ready may go by what the program has written', async () => {
  const script = `${ECHO}; console.log('loading'); setTimeout(() => console.log('loaded'), 50)`
  await using server = await startServer({ ...node(script), ready: ({ output }) => output.includes('loaded') })
  expect(server.output).toBe('loading\nloaded\n')
})

test('a program that exits first fails the start at once, with its last words', async () => {
  const started = startServer({ ...node(`console.error('no disk'); process.exit(4)`), startTimeoutMs: 60_000 })
  await expect(started).rejects.toThrow('echo did not start: it exited with exit code 4\nno disk\n')
})

test('a program that is never ready fails the start, and is killed', async () => {
  let port = 0
  const ready = (address: { port: number }): boolean => {
    port = address.port
    return false
  }
  const started = startServer({ ...node(ECHO), ready, startTimeoutMs: 2000 }) // by then it was asked, at least once
  await expect(started).rejects.toThrow(/^echo did not start: waited \d+ ms in vain for echo to be ready/)
  expect(await connectError(port)).toBe('ECONNREFUSED')
})

test('killed while it starts again, it fails the restart', async () => {
  let isUp = true
  await using server = await startServer({ ...node(ECHO), ready: () => isUp })
  await server.kill()
  isUp = false
  const restarted = expect(server.restart()).rejects.toThrow('it exited with signal SIGKILL')
  await waitFor(() => server.state === 'running')
  await server.kill()
  await restarted
})

test('a program that is not there, and a port that is taken', async () => {
  await expect(startServer({ command: 'no-such-program' })).rejects.toThrow(
    'cannot start no-such-program: spawn no-such-program ENOENT. Is it installed and on the PATH',
  )
  await using server = await startServer(node(ECHO))
  await expect(startServer({ ...node(ECHO), port: server.port })).rejects.toThrow(
    `cannot start echo: somebody else listens on port ${server.port}. Use another port`,
  )
})

test('freePort gives ports that nobody listens on, and none twice', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, freePort))
  expect(new Set(ports).size).toBe(100)
  expect(await connectError(ports[0] ?? 0)).toBe('ECONNREFUSED')
})
