import { expect, test } from 'vitest'
import { freePort, LineClient, startLineServer, startProxy, waitFor } from '../src/index.ts'
import { Target } from './tcp.ts'

test('a frozen server is found by a time limit, and heard again once thawed', async () => {
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  await server.freeze()
  await expect(client.request('PING', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
  expect(client.pending).toBe(0)
  await server.thaw()
  expect(await client.request('PING')).toBe('')
  await client.close()
})

test('the server is killed: all pending requests reject with one error, onLost is called once', async () => {
  await using server = await startLineServer()
  const lost: Error[] = []
  const client = await LineClient.connect({ port: server.port, onLost: (error) => lost.push(error) })
  const failures = Promise.allSettled([client.request('HANG'), client.request('HANG')])
  expect(client.pending).toBe(2)
  await server.kill()
  const [one, two] = await failures
  expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } })
  expect(two).toEqual(one)
  expect(lost).toEqual([(one as PromiseRejectedResult).reason])
  expect(client.pending).toBe(0)
  await client.close()
  expect(lost.length).toBe(1)
})

test('the server ends the connection: a plain end is ECONNRESET too', async () => {
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  await expect(client.request('CLOSE')).rejects.toMatchObject({
    code: 'ECONNRESET',
    message: 'the line server ended the connection',
  })
})

test('an idle connection that is reset calls onLost, set late, and nothing is unhandled', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const client = await LineClient.connect(proxy)
  const lost = new Promise((resolve) => {
    client.onLost = resolve
  })
  proxy.cut()
  expect(await lost).toMatchObject({ code: 'ECONNRESET', syscall: 'read' })
})

test('close settles what is pending, is not a loss, and may be called twice', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  let losses = 0
  const client = await LineClient.connect({ port: proxy.port, onLost: () => losses++ })
  const failed = expect(client.request('HANG')).rejects.toMatchObject({ code: 'ECONNABORTED' })
  await Promise.all([client.close(), client.close()])
  await failed
  await waitFor(() => proxy.open === 0)
  expect(losses).toBe(0)
})

test('a request after the end is never written', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const client = await LineClient.connect(proxy)
  await client.close()
  await expect(client.request('EXEC a')).rejects.toMatchObject({ code: 'ERR_LINE_NOT_SENT' })
  expect([proxy.bytesUp, client.pending, await server.ledger()]).toEqual([0, 0, []])
})

test('a request whose signal has aborted is never written; a late reply is dropped', async () => {
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  await expect(client.request('EXEC a', { signal: AbortSignal.abort('no') })).rejects.toBe('no')
  const controller = new AbortController()
  const late = expect(client.request('EXEC b 20', { signal: controller.signal })).rejects.toBe('enough')
  controller.abort('enough')
  await late
  expect(await client.request('EXEC c 40')).toBe('2')
  expect(await server.ledger()).toEqual(['b', 'c'])
  await client.close()
})

test('connecting fails as the socket does, or when the server ends it unheard', async () => {
  await expect(LineClient.connect({ port: await freePort() })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await using target = await new Target().listen()
  let losses = 0
  const unheard = LineClient.connect({ port: target.port, onLost: () => losses++ })
  const refused = expect(unheard).rejects.toMatchObject({ code: 'ECONNRESET' })
  ;(await target.peer()).socket.end()
  await refused
  expect(losses).toBe(0)
  const strange = expect(LineClient.connect(target)).rejects.toThrow('not a line server: it greets with "220 mail"')
  ;(await target.peer(1)).socket.write('220 mail\n')
  await strange
})

test('connecting stops when its signal aborts, and leaves no connection', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  const controller = new AbortController()
  let losses = 0
  const options = { port: proxy.port, signal: controller.signal, onLost: () => losses++ }
  const stopped = expect(LineClient.connect(options)).rejects.toBe('enough')
  await waitFor(() => proxy.accepted === 1)
  controller.abort('enough')
  await stopped
  ;(await target.peer()).socket.end()
  await waitFor(() => proxy.open === 0)
  await expect(LineClient.connect(options)).rejects.toBe('enough')
  expect([proxy.accepted, losses]).toEqual([1, 0])
})

test('refuses what cannot be a port or a request', async () => {
  await expect(LineClient.connect({ port: 0 })).rejects.toThrow('port must be a port from 1 to 65535')
  await using server = await startLineServer()
  const client = await LineClient.connect(server)
  await expect(client.request('PING\nPING')).rejects.toThrow('command must be a string of one line')
  await client.close()
})
