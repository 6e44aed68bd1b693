import { createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '@tourniquet/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { ask, clientOn } from './provider-client.ts'
import { proxyTo, roundRobin, servers } from './servers.ts'

/** Longer than grpc-js rests before it dials again by itself: 1 s, give or take a fifth. */
const REST_MS = 1_300

/** Accepts, and does `then` to each connection. Gone after the test. */
async function tcpServer(then: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}).resume())
    then(socket)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { target: `127.0.0.1:${(server.address() as { port: number }).port}`, sockets }
}

test('a dial that failed is the last one of its channel', async () => {
  const broken = await tcpServer((socket) => socket.destroy())
  const { B } = await servers('B')
  const rr = roundRobin([broken.target, B.target])
  expect((await ask(clientOn(rr.channel()), 'who')).provider).toBe('B')
  await pause(REST_MS)
  expect(broken.sockets.length).toBe(1)
})

test('G7 a dial that is given up closes its socket, though the server says nothing', async () => {
  const mute = await tcpServer(() => {})
  const rr = roundRobin([mute.target], { connectTimeoutMs: 500 })
  await expect(rr.connect({ maxAttempts: 1 })).rejects.toMatchObject({ errors: [{ limit: 'connectTimeoutMs' }] })
  await waitFor(() => mute.sockets[0]?.readableEnded || mute.sockets[0]?.closed, { what: 'the socket to be closed' })
  await pause(REST_MS)
  expect(mute.sockets.length).toBe(1)
})

test('each channel has a connection of its own: one that is replaced is a fresh one', async () => {
  const { A } = await servers('A')
  const proxy = await proxyTo(A)
  const rr = roundRobin([proxy.target])
  await rr.connect()
  await rr.failover()
  expect(proxy.accepted).toBe(2)
})
