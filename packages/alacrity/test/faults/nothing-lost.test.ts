import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { startAlacrity } from '../parts/alacrity.ts'
import { ask } from '../parts/ask.ts'
import { Client } from '../parts/client.ts'
import { echoes, startOrigin } from '../parts/origin.ts'

const timeouts = `  mode tcp
  timeout connect 2s
  timeout client 20s
  timeout server 20s
`

// Node throws when a UNIX socket is to be reset: that must not cost anybody else's connection.
test('a client resets its connection to a server with a path: nobody else is hurt', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alacrity-'))
  const path = join(folder, 'server.sock')
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const front = await freePort()
  const config = `global\n  hard-stop-after 100ms\ndefaults\n${timeouts}listen l\n  bind 127.0.0.1:${front}\n  server s ${path}\n`
  await using alacrity = await startAlacrity({ port: front, config })
  const bystander = new Client(front)
  const other = new Client(front)
  for (const { socket } of [bystander, other]) socket.write('x')
  await waitFor(() => bystander.received === 'x' && other.received === 'x', { what: 'both answers' })
  other.socket.resetAndDestroy()
  bystander.socket.end('y')
  expect(await bystander.over).toEqual({ text: 'xy', how: 'end' })
  expect(alacrity.server.output).not.toContain('has died')
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the end of a client that came together with its PROXY header is passed on', async () => {
  const front = await freePort()
  await using origin = await startOrigin(echoes)
  const config = `global\n  hard-stop-after 100ms\ndefaults\n${timeouts}listen l\n  bind 127.0.0.1:${front} accept-proxy\n  server s 127.0.0.1:${origin.port}\n`
  await using _alacrity = await startAlacrity({ port: front, config })
  for (let time = 0; time < 20; time++) {
    const client = new Client(front)
    client.socket.end('PROXY UNKNOWN\r\nall of it')
    expect(await client.over).toEqual({ text: 'all of it', how: 'end' })
    client.socket.destroy()
  }
})

test('what waits for a slow server is delivered, though both sides have ended', async () => {
  const front = await freePort()
  const size = 4_000_000
  const received: number[] = []
  await using _origin = await startOrigin((socket) => {
    let bytes = 0
    // It says its last word at once, and reads slowly.
    socket.end('enough')
    socket.on('data', (chunk) => {
      bytes += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
    socket.on('end', () => received.push(bytes))
  })
  const config = `global\n  hard-stop-after 100ms\ndefaults\n${timeouts}listen l\n  bind 127.0.0.1:${front}\n  server s 127.0.0.1:${_origin.port}\n`
  await using _alacrity = await startAlacrity({ port: front, config })
  const before = received.length
  const clients = Array.from({ length: 5 }, () => new Client(front))
  for (const { socket } of clients) socket.end(Buffer.alloc(size))
  await waitFor(() => received.filter((bytes) => bytes > 0).length >= before + 5, {
    timeoutMs: 40_000,
    what: 'all ends',
  })
  expect(received.filter((bytes) => bytes > 0)).toEqual(clients.map(() => size))
})

test('sessions are still known by their server after a reload', async () => {
  const [front, socket] = [await freePort(), await freePort()]
  await using origin = await startOrigin(echoes)
  const config = `global\n  hard-stop-after 100ms\n  stats socket ipv4@127.0.0.1:${socket} level admin\ndefaults\n${timeouts}listen l\n  bind 127.0.0.1:${front}\n  server s 127.0.0.1:${origin.port}\n`
  await using alacrity = await startAlacrity({ port: front, config })
  const client = new Client(front)
  client.socket.write('x')
  await waitFor(() => client.received === 'x', { what: 'an answer' })
  alacrity.signal('SIGHUP')
  await waitFor(() => alacrity.server.output.includes('reloaded'), { what: 'a reload' })
  await ask(socket, 'shutdown sessions server l/s')
  expect(await client.over).toMatchObject({ text: 'x' })
})
