import { expect, test } from 'vitest'
import { LineClient, startLineServer, startProxy, waitFor } from '../src/index.ts'
import { bytesOf, connectTo, roundTrip, Target } from './tcp.ts'

const SIZES = [1, 1_000, 65_536, 3_000_000]

test.each(SIZES)('cutAfter(%i, down): the client gets exactly that many bytes, then a reset', async (bytes) => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.cutAfter(bytes, 'down')
  const client = await connectTo(proxy.port)
  const server = await target.peer()
  const all = bytesOf(bytes + 100_000)
  client.socket.write('not counted')
  server.socket.write(all)
  await Promise.all([client.isReset(), server.isReset()])
  expect(client.received.equals(all.subarray(0, bytes))).toBe(true)
  expect(proxy).toMatchObject({ bytesDown: bytes, mode: 'cutAfter' })
  await waitFor(() => proxy.open === 0)
})

test.each(SIZES)('cutAfter(%i, up): the target gets exactly that many bytes, then a reset', async (bytes) => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.cutAfter(bytes, 'up')
  const client = await connectTo(proxy.port)
  const server = await target.peer()
  const all = bytesOf(bytes + 100_000)
  client.socket.write(all)
  await Promise.all([client.isReset(), server.isReset()])
  expect(server.received.equals(all.subarray(0, bytes))).toBe(true)
  expect(proxy.bytesUp).toBe(bytes)
})

test('cutAfter counts per connection, from now', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  const [one, two] = [await connectTo(proxy.port), await connectTo(proxy.port)]
  one.socket.write('before')
  await (await target.peer(0)).reads('before')
  await proxy.cutAfter(4, 'up')
  one.socket.write('123')
  two.socket.write('12')
  await Promise.all([(await target.peer(0)).reads('before123'), (await target.peer(1)).reads('12')])
  one.socket.write('45')
  await one.isReset()
  expect((await target.peer(0)).text).toBe('before1234')
  two.socket.write('34')
  await two.isReset()
  expect((await target.peer(1)).text).toBe('1234')
})

test('cutAfter(0): the first byte that way resets, and none passes', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.cutAfter(0, 'down')
  const client = await connectTo(proxy.port)
  const server = await target.peer()
  client.socket.write('ask')
  await server.reads('ask')
  expect(client.isUntouched).toBe(true)
  server.socket.write('answer')
  await client.isReset()
  expect(client.received.length).toBe(0)
})

test('cutAfter delivers to a client that reads late', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.cutAfter(1_000_000, 'down')
  const client = await connectTo(proxy.port)
  client.socket.pause()
  const all = bytesOf(1_200_000)
  ;(await target.peer()).socket.write(all)
  await waitFor(() => proxy.bytesDown >= 100_000)
  for (let trip = 0; trip < 20; trip++) await roundTrip()
  client.socket.resume()
  await client.isReset()
  expect(client.received.equals(all.subarray(0, 1_000_000))).toBe(true)
})

test('dropReply: the operation was executed, its reply never comes', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const client = await LineClient.connect({ port: proxy.port })
  await proxy.dropReply('1 OK')
  await expect(client.request('EXEC lost')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await server.ledger()).toEqual(['lost'])
  expect(proxy.mode).toBe('pass')
  const again = await LineClient.connect({ port: proxy.port })
  expect(await again.request('EXEC kept')).toBe('2')
  await again.close()
})

test('dropReply with once: false drops every such reply', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  await proxy.dropReply('OK', { once: false })
  for (const id of ['a', 'b']) {
    const client = await LineClient.connect({ port: proxy.port })
    await expect(client.request(`EXEC ${id}`)).rejects.toMatchObject({ code: 'ECONNRESET' })
  }
  expect(await server.ledger()).toEqual(['a', 'b'])
  expect(proxy.mode).toBe('dropReply')
})

test('dropReply with silence: the connection stays open and says nothing more, the next one passes', async () => {
  await using server = await startLineServer()
  await using proxy = await startProxy(server.url)
  const client = await LineClient.connect({ port: proxy.port })
  await proxy.dropReply('OK', { by: 'silence' })
  const failures = Promise.allSettled([client.request('EXEC a'), client.request('HANG')])
  await waitFor(() => proxy.mode === 'pass')
  const unheard = expect(client.request('EXEC b')).rejects.toMatchObject({ code: 'ECONNABORTED' })
  const next = await LineClient.connect({ port: proxy.port })
  expect(await next.request('COUNT')).toBe('1')
  expect([client.pending, proxy.open, await server.ledger()]).toEqual([3, 2, ['a']])
  await Promise.all([client.close(), next.close()])
  await Promise.all([failures, unheard])
  await waitFor(() => proxy.open === 0)
})

test('dropReply finds the pattern across chunk borders and delivers exactly what came before', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.dropReply(Buffer.from('abac'))
  const client = await connectTo(proxy.port)
  const server = await target.peer()
  for (const chunk of ['xab', 'ab', 'a']) {
    server.socket.write(chunk)
    await roundTrip()
  }
  await client.reads('xab')
  server.socket.write('c and more')
  await client.isReset()
  expect(client.text).toBe('xab')
  expect(proxy.bytesDown).toBe(3)
})

test('what dropReply kept back passes with pass(), and with the end', async () => {
  await using target = await new Target().listen()
  await using proxy = await startProxy(target)
  await proxy.dropReply('abc')
  const [one, two] = [await connectTo(proxy.port), await connectTo(proxy.port)]
  ;(await target.peer(0)).socket.end('1ab')
  await one.isEnded()
  expect(one.text).toBe('1ab')
  ;(await target.peer(1)).socket.write('2ab')
  await two.reads('2')
  await proxy.pass()
  await two.reads('2ab')
})
