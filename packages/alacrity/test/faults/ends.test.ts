import type { Socket } from 'node:net'
import { freePort, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Alacrity, startAlacrity } from '../parts/alacrity.ts'
import { Client } from '../parts/client.ts'
import { nodes } from '../parts/nodes.ts'
import { type Origin, startOrigin } from '../parts/origin.ts'

/** A connection of the origin, as its server saw it. */
interface Seen {
  readonly server: Socket
  text: string
  how: string
}

// How Node tells a reset from an end is not the same in all versions.
describe.each(nodes)('the end of a connection, on $name', ({ path }) => {
  let origin: Origin
  let alacrity: Alacrity
  let front: number
  let all: Seen[]

  beforeAll(async () => {
    all = []
    origin = await startOrigin((socket) => {
      const now: Seen = { server: socket, text: '', how: '' }
      all.push(now)
      socket.setEncoding('latin1')
      socket.on('data', (chunk) => {
        now.text += chunk
      })
      socket.on('end', () => {
        now.how ||= 'end'
      })
      socket.on('error', ({ code }: NodeJS.ErrnoException) => {
        now.how = code ?? 'error'
      })
    })
    front = await freePort()
    const config = `global
  hard-stop-after 100ms
defaults
  mode tcp
  timeout connect 2s
  timeout client 20s
  timeout server 20s
listen l
  bind 127.0.0.1:${front}
  server s 127.0.0.1:${origin.port}
`
    alacrity = await startAlacrity({ port: front, config, node: path })
  })
  afterAll(async () => {
    await alacrity[Symbol.asyncDispose]()
    await origin[Symbol.asyncDispose]()
  })

  /** A client, and the server's side of its connection, both of which have said something. */
  async function connected() {
    const client = new Client(front)
    // Its own words: the one that looked whether the balancer is there may come late.
    const words = `hello ${all.length}`
    client.socket.write(words)
    const now = await waitFor(() => all.find(({ text }) => text === words), { what: 'the hello' })
    now.server.write('hello yourself')
    await waitFor(() => client.received === 'hello yourself', { what: 'the answer' })
    return { client, server: now.server, now, words }
  }

  test('the client ends first, and still reads', async () => {
    const { client, server, now } = await connected()
    client.socket.end()
    await waitFor(() => now.how === 'end', { what: 'the end at the server' })
    server.end(', and good bye')
    expect(await client.over).toEqual({ text: 'hello yourself, and good bye', how: 'end' })
  })

  test('the server ends first, and still reads', async () => {
    const { client, server, now, words } = await connected()
    server.end()
    await waitFor(() => client.hasEnded, { what: 'the end at the client' })
    client.socket.end(', and good bye')
    await waitFor(() => now.how === 'end', { what: 'the end at the server' })
    expect(now.text).toBe(`${words}, and good bye`)
  })

  test('a reset of the client reaches the server as a reset', async () => {
    const { client, now } = await connected()
    client.socket.resetAndDestroy()
    await waitFor(() => now.how === 'ECONNRESET', { what: 'a reset at the server' })
  })

  test('a reset of the server reaches the client as a reset', async () => {
    const { client, server } = await connected()
    server.resetAndDestroy()
    expect(await client.over).toEqual({ text: 'hello yourself', how: 'ECONNRESET' })
  })

  // Read together with the data, Node 20 and 22 take it for an orderly end.
  test('a reset that comes together with data is a reset all the same', async () => {
    for (let time = 0; time < 20; time++) {
      const { client, server } = await connected()
      server.write('x'.repeat(1_000))
      server.resetAndDestroy()
      expect((await client.over).how).toBe('ECONNRESET')
    }
  })

  test('a megabyte arrives whole before the end', async () => {
    const { client, server, now, words } = await connected()
    server.end('y'.repeat(1_000_000))
    client.socket.end('x'.repeat(1_000_000))
    await waitFor(() => client.hasEnded && now.how === 'end', { timeoutMs: 20_000, what: 'both ends' })
    expect(client.received).toBe(`hello yourself${'y'.repeat(1_000_000)}`)
    expect(now.text).toBe(`${words}${'x'.repeat(1_000_000)}`)
  })
})
