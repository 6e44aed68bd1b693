import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type GrpcServer, startGrpcServer, waitFor } from '../src/index.ts'
import { all, type Connection, connectGrpc } from './grpc-client.ts'

const wrong = (value: unknown): never => value as never

/** For the tests that neither count nor stop anything. */
let shared: GrpcServer

beforeAll(async () => {
  shared = await startGrpcServer({ name: 'shared' })
})
afterAll(() => shared[Symbol.asyncDispose]())

function connect(server: { target: string }): Connection {
  const connection = connectGrpc(server.target)
  onTestFinished(() => connection.close())
  return connection
}

test('answers each unary method, with its name', async () => {
  await using server = await startGrpcServer({ name: 'A' })
  const { provider } = connect(server)
  expect(await provider.unary('Who')).toEqual({ provider: 'A', text: '', number: 0 })
  expect(await provider.unary('Exec', { text: 'first' })).toEqual({ provider: 'A', text: 'first', number: 1 })
  expect(await provider.unary('Exec', { text: 'zwölf', delayMs: 1 })).toMatchObject({ number: 2 })
  expect(await server.ledger()).toEqual(['first', 'zwölf'])
})

test.each([
  [{ number: status.UNAVAILABLE, text: 'go elsewhere' }, 'UNAVAILABLE: go elsewhere', status.UNAVAILABLE],
  [{}, 'UNKNOWN: ', status.UNKNOWN],
])('Fail %o', async (request, message, code) => {
  const failed = connect(shared).provider.unary('Fail', request)
  await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

test('Exec is in the ledger before it is acknowledged, Hang never replies, both are lost by a kill', async () => {
  await using server = await startGrpcServer()
  const { provider } = connect(server)
  const lost = [provider.unary('Exec', { text: 'done', delayMs: 600_000 }), provider.unary('Hang')]
  const codes = Promise.all(lost.map((call) => call.catch(({ code }) => code)))
  await waitFor(async () => (await server.ledger()).length === 1)
  await server.kill()
  expect(await codes).toEqual([status.UNAVAILABLE, status.UNAVAILABLE])
  await server.restart()
  expect(await connect(server).provider.unary('Exec', { text: 'again' })).toMatchObject({ number: 1 })
  expect(await server.ledger()).toEqual(['done', 'again'])
})

test('streams the replies, the requests and both', async () => {
  const { provider } = connect(shared)
  const counted = await all(provider.serverStream('Count', { number: 3, delayMs: 1 }))
  expect(counted.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(await all(provider.serverStream('Count', {}))).toEqual([])

  const collected = await provider.clientStream('Collect', [{ text: 'a' }, { text: 'b' }])
  expect(collected).toEqual({ provider: 'shared', text: 'a,b', number: 2 })
  expect(await shared.ledger()).toEqual(['a', 'b'])

  const chat = provider.bidiStream('Chat')
  chat.write({ text: 'hello' })
  chat.write({ text: 'goodbye' })
  chat.end()
  const replies = await all(chat)
  expect(replies.map(({ text, number }) => [text, number])).toEqual([
    ['hello', 1],
    ['goodbye', 2],
  ])
})

test('a client that goes away in the middle of a stream does not disturb it', async () => {
  const { provider } = connect(shared)
  const counting = provider.serverStream('Count', { number: 1_000_000 })
  counting.once('data', () => counting.cancel())
  await expect(all(counting)).rejects.toMatchObject({ code: status.CANCELLED })
  const collecting = provider.bidiStream('Chat')
  collecting.write({ text: 'hello' })
  collecting.cancel()
  await expect(all(collecting)).rejects.toMatchObject({ code: status.CANCELLED })
  expect(await provider.unary('Who')).toMatchObject({ provider: 'shared' })
  expect(shared.output).toBe('')
})

test('the health check says what it is told to say', async () => {
  await using server = await startGrpcServer()
  const { health } = connect(server)
  expect(await health('')).toBe(1)
  expect(await health('tourniquet.testkit.Provider')).toBe(1)
  await expect(health('tourniquet.testkit')).rejects.toMatchObject({ code: status.NOT_FOUND })
  await server.setServing(false)
  expect(await health('')).toBe(2)
  await server.restart()
  expect(await connect(server).health('')).toBe(2)
  await server.setServing(true)
  await server.setServing(true)
  expect(await connect(server).health('')).toBe(1)
  await expect(server.setServing(wrong('no'))).rejects.toThrow("serving must be true or false; got 'no'")
})

test('shutdown finishes what is under way and takes no new call', async () => {
  await using server = await startGrpcServer({ name: 'A' })
  const first = connect(server).provider.bidiStream('Chat')
  const over = all(first)
  first.write({ text: 'hello' })
  await new Promise((resolve) => first.once('data', resolve))
  const gone = server.shutdown()
  const other = connect(server).provider
  const isRefused = () => other.unary('Who').catch(({ code }) => code === status.UNAVAILABLE)
  await waitFor(async () => (await isRefused()) === true, { what: 'new calls to be refused' })
  expect(server.state).toBe('running')
  first.write({ text: 'goodbye' })
  first.end()
  expect(await over).toMatchObject([{ text: 'hello' }, { text: 'goodbye' }])
  await gone
  await server.shutdown()
  expect(server.state).toBe('stopped')
})

test('stop cuts off what is under way', async () => {
  await using server = await startGrpcServer()
  const lost = connect(server).provider.unary('Hang')
  const lostCode = lost.catch(({ code }) => code)
  await connect(server).provider.unary('Who')
  await server.stop()
  expect(await lostCode).toBe(status.UNAVAILABLE)
})

test('freeze: does not answer; thaw: answers', async () => {
  await shared.freeze()
  const answer = connect(shared).provider.unary('Who')
  await shared.thaw()
  expect(await answer).toMatchObject({ provider: 'shared' })
})

test('its own ledger is gone after dispose, the caller’s stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'testkit-test-'))
  const ledger = join(folder, 'ledger')
  {
    await using server = await startGrpcServer({ ledger })
    await connect(server).provider.unary('Exec', { text: 'kept' })
  }
  expect(await readFile(ledger, 'utf8')).toBe('kept\n')
  await rm(folder, { recursive: true })

  const server = await startGrpcServer()
  await server[Symbol.asyncDispose]()
  await expect(server.ledger()).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  [wrong(null), 'options must be an object; got null'],
  [{ name: 'a\nb' }, 'name must be a string of one line that is not empty'],
  [{ port: 70_000 }, 'port must be a port from 1 to 65535'],
  [{ ledger: '' }, 'ledger must be a string of one line that is not empty'],
  [{ tls: wrong(true) }, 'tls must be an object with the paths "cert" and "key"; got true'],
  [{ tls: wrong({ key: 'key.pem' }) }, 'tls.cert must be a string of one line'],
  [{ tls: { cert: 'cert.pem', key: 'key.pem', ca: '' } }, 'tls.ca must be a string of one line'],
])('refuses %o', async (options, message) => {
  await expect(startGrpcServer(options)).rejects.toThrow(TypeError)
  await expect(startGrpcServer(options)).rejects.toThrow(message)
})
