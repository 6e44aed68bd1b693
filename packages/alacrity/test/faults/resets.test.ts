import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { reset } from '../../src/engine/reset.ts'
import { startAlacrity } from '../parts/alacrity.ts'
import { Client } from '../parts/client.ts'
import { startOrigin } from '../parts/origin.ts'

const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length

test('a socket that is sending its FIN is reset, and closed', async () => {
  await using server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client((server.address() as { port: number }).port)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const closed = once(socket, 'close')
  socket.end()
  reset(socket)
  await closed
  await waitFor(() => client.hasEnded)
  client.socket.write('is anybody there?')
  expect((await client.over).how).not.toBe('close')
})

test('checks of a server that hangs up at once, and clients that break off, leave no file open', async () => {
  const [front, content] = [await freePort(), Buffer.alloc(2 ** 20, 'x')]
  await using server = await startOrigin((socket) => socket.end(content))
  await using hasty = await startOrigin((socket) => socket.end())
  const config = `defaults
  mode tcp
  timeout connect 2s
  timeout client 20s
  timeout server 20s
listen l
  bind 127.0.0.1:${front}
  server a 127.0.0.1:${server.port}
listen checked
  option tcp-check
  tcp-check expect string hello
  server b 127.0.0.1:${hasty.port} check inter 20ms
`
  await using alacrity = await startAlacrity({ port: front, config })
  const pid = alacrity.server.pid as number
  await waitFor(() => hasty.accepted.length > 5)
  const before = filesOf(pid)
  for (let round = 0; round < 20; round++) {
    const sockets = Array.from({ length: 20 }, () => connect(front, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {}).write('x')
    await Promise.all(sockets.map((socket) => once(socket, 'readable')))
    for (const socket of sockets) reset(socket.end('x'))
  }
  await waitFor(() => hasty.accepted.length > 50)
  await waitFor(() => filesOf(pid) <= before + 2, { what: 'all files closed' })
})
