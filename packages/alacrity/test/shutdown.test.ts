import { freePort, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { type Alacrity, startAlacrity } from './parts/alacrity.ts'
import { Client, isRefused } from './parts/client.ts'
import { echoes, type Origin, startOrigin } from './parts/origin.ts'

const config = (front: number, origin: Origin, global = '', more = '') => `global
  ${global}
defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
listen l
  bind 127.0.0.1:${front}
  server s1 127.0.0.1:${origin.port}
${more}`

async function said(client: Client, text: string): Promise<void> {
  const before = client.received
  client.socket.write(text)
  await waitFor(() => client.received === before + text, { what: `${text} to come back` })
}

const gone = ({ server }: Alacrity, timeoutMs = 20_000) =>
  waitFor(() => server.state === 'stopped', { timeoutMs, what: 'the end of the process' })

describe('SIGTERM', () => {
  test('takes nothing new, lets what there is finish, and ends well', async () => {
    const front = await freePort()
    await using origin = await startOrigin(echoes)
    await using alacrity = await startAlacrity({ port: front, config: config(front, origin) })
    const client = new Client(front)
    await said(client, 'one')
    alacrity.signal('SIGTERM')
    await waitFor(() => isRefused(front), { what: 'no listener' })
    await said(client, 'two')
    expect(alacrity.server.state).toBe('running')
    client.socket.end('three')
    expect(await client.over).toEqual({ text: 'onetwothree', how: 'end' })
    await gone(alacrity)
    expect(alacrity.server.output).not.toContain('Error')
  })

  test('cuts what is left after hard-stop-after, not earlier', async () => {
    const front = await freePort()
    await using origin = await startOrigin(echoes)
    const text = config(front, origin, 'hard-stop-after 700ms')
    await using alacrity = await startAlacrity({ port: front, config: text })
    const client = new Client(front)
    await said(client, 'one')
    const began = performance.now()
    alacrity.signal('SIGTERM')
    const { how } = await client.over
    expect(how).toBe('end')
    expect(performance.now() - began).toBeGreaterThan(690)
    expect(performance.now() - began).toBeLessThan(20_000)
    client.socket.destroy()
    await gone(alacrity)
  })

  test('/health fails for a grace time, in which connections are still taken', async () => {
    const [front, page] = [await freePort(), await freePort()]
    await using origin = await startOrigin(echoes)
    const stats = `listen page\n  mode http\n  bind 127.0.0.1:${page}\n  stats enable\n`
    const text = config(front, origin, 'grace 3s\n  hard-stop-after 100ms', stats)
    await using alacrity = await startAlacrity({ port: front, config: text })
    const health = async () => (await fetch(`http://127.0.0.1:${page}/health`)).status
    expect(await health()).toBe(200)
    alacrity.signal('SIGTERM')
    await waitFor(async () => (await health()) === 503, { timeoutMs: 2_900, what: 'a failing /health' })
    const late = new Client(front)
    await said(late, 'still')
    await gone(alacrity)
    late.socket.destroy()
  })

  test('a second one does not wait', async () => {
    const front = await freePort()
    await using origin = await startOrigin(echoes)
    await using alacrity = await startAlacrity({ port: front, config: config(front, origin) })
    const client = new Client(front)
    await said(client, 'one')
    alacrity.signal('SIGTERM')
    await waitFor(() => isRefused(front), { what: 'no listener' })
    alacrity.signal('SIGTERM')
    await gone(alacrity)
    client.socket.destroy()
  })
})

test('a second signal waits neither for hard-stop-after nor for the grace time', async () => {
  for (const global of ['hard-stop-after 60s', 'grace 60s']) {
    const front = await freePort()
    await using origin = await startOrigin(echoes)
    await using alacrity = await startAlacrity({ port: front, config: config(front, origin, global) })
    const client = new Client(front)
    await said(client, 'one')
    alacrity.signal('SIGTERM')
    if (global.startsWith('hard')) await waitFor(() => isRefused(front), { what: 'no listener' })
    // Another signal: two of the same may come as one.
    alacrity.signal('SIGINT')
    await gone(alacrity)
    client.socket.destroy()
  }
})

// Nothing that Node can do ends it: it waits in the kernel.
test('a data thread that is stuck holds nobody up for ever: the process ends, and says why', async () => {
  const front = await freePort()
  await using origin = await startOrigin(echoes)
  const sticker = new URL('./parts/stick-a-thread.mjs', import.meta.url).pathname
  const env = { NODE_OPTIONS: `--import=${sticker}` }
  const text = config(front, origin, 'hard-stop-after 100ms')
  await using alacrity = await startAlacrity({ port: front, config: text, env })
  const client = new Client(front)
  await said(client, 'one')
  alacrity.signal('SIGUSR2')
  await waitFor(() => alacrity.server.output.includes('stuck'), { what: 'a thread that is stuck' })
  alacrity.signal('SIGTERM')
  // A second for its sessions, one for its sockets, five for itself.
  await gone(alacrity, 21_000)
  expect(alacrity.server.output).toContain('a data thread has not ended within 5000 ms')
  client.socket.destroy()
}, 60_000)
