import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LineClient, startLineServer } from '../src/index.ts'
import { connectTo } from './tcp.ts'

test('greets, and answers each verb', async () => {
  await using server = await startLineServer({ name: 'A' })
  const client = await LineClient.connect(server)
  expect(client.greeting).toBe('HELLO A')
  expect(await client.request('PING')).toBe('')
  expect(await client.request('WHO')).toBe('A')
  expect(await client.request('ECHO two  words ')).toBe('two  words ')
  expect(await client.request('EXEC a')).toBe('1')
  expect(await client.request('EXEC b')).toBe('2')
  expect(await client.request('COUNT')).toBe('2')
  expect(await server.ledger()).toEqual(['a', 'b'])
  await client.close()
})

test.each([
  ['FAIL READONLY go elsewhere', 'READONLY', 'READONLY go elsewhere'],
  ['FAIL', 'FAILED', 'FAILED'],
  ['EXEC', 'USAGE', 'USAGE EXEC id [delayMs]'],
  ['DANCE', 'UNKNOWN', 'UNKNOWN DANCE'],
  ['toString', 'UNKNOWN', 'UNKNOWN toString'],
  ['VIEW EXEC a', 'VIEWONLY', 'VIEWONLY the request itself says that it does not write'],
  ['VIEW', 'UNKNOWN', 'UNKNOWN '],
])('refuses %s', async (request, word, message) => {
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  await expect(client.request(request)).rejects.toMatchObject({ name: 'LineError', word, message })
  await client.close()
})

test('replies out of order when an operation is slow, and counts when it executes', async () => {
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  const order: string[] = []
  const note = (reply: string) => order.push(reply)
  await Promise.all([client.request('EXEC slow 50').then(note), client.request('EXEC quick').then(note)])
  expect(order).toEqual(['2', '1'])
  expect(await server.ledger()).toEqual(['slow', 'quick'])
  await client.close()
})

test('a replica refuses to write and serves all else, on the same connection; a restart makes it a primary', async () => {
  await using server = await startLineServer({ name: 'A' })
  const client = await LineClient.connect(server)
  expect(await client.request('ROLE')).toBe('primary')
  await server.demote()
  await expect(client.request('EXEC a')).rejects.toMatchObject({ word: 'READONLY' })
  expect([await client.request('ROLE'), await client.request('VIEW WHO')]).toEqual(['replica', 'A'])
  await server.promote()
  expect(await client.request('EXEC b')).toBe('1')
  await server.demote()
  await server.restart()
  const after = await LineClient.connect(server)
  expect(await after.request('EXEC c')).toBe('1')
  expect(await server.ledger()).toEqual(['b', 'c'])
  await after.close()
  await server.stop()
  await expect(server.demote()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('the ledger is there after a kill and grows after a restart; the count begins anew', async () => {
  await using server = await startLineServer()
  expect(await server.ledger()).toEqual([])
  const before = await LineClient.connect(server)
  await before.request('EXEC a')
  await server.kill()
  expect(await server.ledger()).toEqual(['a'])
  await server.restart()
  const after = await LineClient.connect(server)
  expect(await after.request('COUNT')).toBe('0')
  await after.request('EXEC b')
  expect(await server.ledger()).toEqual(['a', 'b'])
  await after.close()
})

test('a request of no known form is refused, and the connection stays', async () => {
  await using server = await startLineServer()
  const client = await connectTo(server.port)
  client.socket.write('hello?\n1 PING\n')
  await client.reads('HELLO line-server\n0 ERR SYNTAX expected: seq VERB [text]\n1 OK\n')
  client.socket.destroy()
})

test('its own ledger is gone after dispose, the caller’s stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'testkit-test-'))
  const file = join(folder, 'ledger')
  {
    await using server = await startLineServer({ ledger: file })
    const client = await LineClient.connect(server)
    await client.request('EXEC kept')
    await client.close()
  }
  expect(await readFile(file, 'utf8')).toBe('kept\n')
  await rm(folder, { recursive: true })

  const server = await startLineServer()
  await server[Symbol.asyncDispose]()
  await expect(server.ledger()).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  [{ name: '' }, 'name must be a string of one line that is not empty'],
  [{ name: 'a\nb' }, 'name must be a string of one line that is not empty'],
  [{ port: 1.5 }, 'port must be a port from 1 to 65535'],
  [{ ledger: '' }, 'ledger must be a string of one line that is not empty'],
])('refuses %o', async (options, message) => {
  await expect(startLineServer(options)).rejects.toThrow(message)
})
