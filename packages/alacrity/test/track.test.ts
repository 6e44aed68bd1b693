import { freePort, startLineServer, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { ask, rowOf } from './parts/ask.ts'

test('a server that tracks another goes down, comes up and is in maintenance with it', async () => {
  const [front, other, socket] = [await freePort(), await freePort(), await freePort()]
  await using checked = await startLineServer()
  const config = `global
  stats socket ipv4@127.0.0.1:${socket} level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen one
  bind 127.0.0.1:${front}
  server s 127.0.0.1:${checked.port} check inter 100ms rise 1 fall 1
listen two
  bind 127.0.0.1:${other}
  server s 127.0.0.1:${checked.port} track one/s
`
  await using _alacrity = await startAlacrity({ port: front, config })
  const status = async () => (await rowOf(socket, 's', 'two')).status
  await waitFor(async () => (await status()) === 'UP', { what: 'UP' })
  await checked.kill()
  await waitFor(async () => (await status()) === 'DOWN', { what: 'DOWN' })
  expect((await rowOf(socket, 'BACKEND', 'two')).status).toBe('DOWN')
  await checked.restart()
  await waitFor(async () => (await status()) === 'UP', { what: 'UP again' })
  await ask(socket, 'set server one/s state maint')
  await waitFor(async () => (await status()) === 'MAINT (via one/s)', { what: 'MAINT' })
  await ask(socket, 'set server one/s state ready')
  await waitFor(async () => (await status()) === 'UP', { what: 'UP after maintenance' })
})
