import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import type { Behaviour } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const megabyte = Buffer.from(Array.from({ length: 1_048_576 }, (_, at) => (at * 7 + (at >> 8)) & 255))
const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

/** What servers do; each is a section of its own. */
const behaviours: { readonly [name: string]: Behaviour } = {
  echo: (socket) => void socket.pipe(socket),
  // Speaks when the client has ended.
  'answers-later': (socket) => {
    let length = 0
    socket.on('data', (chunk) => {
      length += chunk.length
    })
    socket.on('end', () => socket.end(`got ${length}`))
  },
  // Ends at once, and reads on.
  'ends-first': (socket) => void socket.end('bye').resume(),
  'sends-much': (socket) => void socket.end(megabyte).resume(),
  'takes-much': (socket) => {
    const parts: Buffer[] = []
    socket.on('data', (chunk) => parts.push(chunk))
    socket.on('end', () => socket.end(hash(Buffer.concat(parts))))
  },
  'closes-silently': (socket) => void socket.end().resume(),
  'resets-at-once': (socket) => void socket.resetAndDestroy(),
  'resets-on-data': (socket) => void socket.on('data', () => socket.resetAndDestroy()),
  // At the second word.
  'answers-and-resets': (socket) => {
    socket.once('data', () => {
      socket.write('half')
      socket.once('data', () => socket.resetAndDestroy())
    })
  },
  'answers-with-reset': (socket) => void socket.on('data', () => socket.write('half', () => socket.resetAndDestroy())),
  'greets-only': (socket) => {
    socket.write('hello')
    // A write of nothing tells a reset that came together with data from an end: Node 20 and 22 say end to both.
    socket.on('end', () => socket.write('', (error) => (error ? socket.destroy(error) : socket.end())))
    socket.resume()
  },
}

const more: { readonly [name: string]: string } = {
  refused: 'retries 0\n  server s {nobody}',
  'no-server': '',
  'all-in-maintenance': 'server s {echo} disabled',
  'rejects-connection': 'tcp-request connection reject\n  server s {echo}',
  'rejects-content': 'tcp-request content reject\n  server s {echo}',
}

const servers = Object.keys(behaviours).map((name) => [`l-${name}`, `server s {${name}}`])
const sections = [...servers, ...Object.entries(more).map(([name, lines]) => [`l-${name}`, lines])]
const pair = pairOfFile({
  origins: behaviours,
  config: (at) =>
    sections
      .map(([name = '', lines = '']) => {
        const filled = lines.replace(/\{([\w-]+)\}/g, (_, server) => at(server))
        return `listen ${name}\n  bind ${at(name)}\n  ${filled}\n`
      })
      .join(''),
})

/** The same conversation with both; then their counters. */
async function same<Outcome>(name: string, talk: (client: Client, stage: Stage) => Promise<Outcome>): Promise<Outcome> {
  const { haproxy, alacrity } = await conversations(name, talk)
  expect(alacrity).toEqual(haproxy)
  await pair.sameRows(`l-${name}`)
  return alacrity
}

async function conversations<Outcome>(name: string, talk: (client: Client, stage: Stage) => Promise<Outcome>) {
  return await pair.both(async (stage) => {
    const client = new Client(stage.port(`l-${name}`))
    const outcome = await talk(client, stage)
    client.socket.destroy()
    const origin = name in behaviours ? stage.origin(name) : undefined
    await waitFor(() => !origin || origin.open.size === 0, { what: `the end at the server, behind ${stage.name}` })
    const row = () => stage.row(`l-${name}`, 'FRONTEND')
    await waitFor(async () => (await row()).scur === '0', { what: `the end of ${stage.name}'s session` })
    return outcome
  })
}

const over = (client: Client) => client.over

/** How the server saw its connection end. */
function endOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('finish', () => resolve('end'))
    socket.on('error', () => resolve('reset'))
  })
}

describe('bytes', () => {
  test('1 MB to the server', async () => {
    const { text, how } = await same('takes-much', (client) => {
      client.socket.end(megabyte)
      return client.over
    })
    expect({ text, how }).toEqual({ text: hash(megabyte), how: 'end' })
  })

  test('1 MB to the client, from a server that speaks first and ends', async () => {
    const outcome = await same('sends-much', async (client) => {
      const { text, how } = await client.over
      client.socket.end()
      return { how, hash: hash(Buffer.from(text, 'latin1')) }
    })
    expect(outcome).toEqual({ how: 'end', hash: hash(megabyte) })
  })

  test('many small writes', async () => {
    const { text } = await same('echo', async (client) => {
      for (let at = 0; at < 500; at++) {
        client.socket.write(`${at};`)
        if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      client.socket.end()
      return await client.over
    })
    expect(text.split(';')).toHaveLength(501)
  })
})

describe('orderly ends', () => {
  test('the client ends first, and still reads', async () => {
    const outcome = await same('answers-later', async (client) => {
      client.socket.end('twelve bytes')
      return await client.over
    })
    expect(outcome).toEqual({ text: 'got 12', how: 'end' })
  })

  test('the server ends first, and still reads', async () => {
    const outcome = await same('ends-first', async (client, stage) => {
      const { text, how } = await client.over
      client.socket.end('and more')
      const [socket] = stage.origin('ends-first').accepted
      await waitFor(() => socket?.readableEnded, { what: 'the last bytes' })
      return { text, how, read: socket?.bytesRead }
    })
    expect(outcome).toEqual({ text: 'bye', how: 'end', read: 8 })
  })

  test('the server closes without a word', async () => {
    expect(
      await same('closes-silently', async (client) => {
        const outcome = await client.over
        client.socket.end()
        return outcome
      }),
    ).toEqual({ text: '', how: 'end' })
  })

  test('a client that says nothing at all', async () => {
    await same('echo', async (client) => {
      await waitFor(() => !client.socket.connecting, { what: 'to connect' })
      client.socket.end()
      return await client.over
    })
  })
})

describe('resets', () => {
  // HAProxy ends a connection in an orderly way also where the server has broken it off: see differences.ts.
  test.each([
    ['resets-at-once', ''],
    ['resets-on-data', 'go'],
    ['answers-and-resets', 'go'],
    ['answers-with-reset', 'go'],
  ])('the server %s: the client sees it', async (name, words) => {
    const { haproxy, alacrity } = await conversations(name, async (client) => {
      client.socket.write(words)
      if (name === 'answers-and-resets') {
        await waitFor(() => client.received !== '', { what: 'half an answer' })
        client.socket.write('on')
      }
      return await client.over
    })
    expect(haproxy.how).toBe('end')
    expect(alacrity).toEqual({ ...haproxy, how: 'ECONNRESET' })
    // Which of the two HAProxy notices first, data or reset, is a matter of microseconds, and so is what it counts. Nor is
    // it the programs' doing whether a reset comes before or after they know that they are connected.
    if (!['answers-with-reset', 'resets-at-once'].includes(name)) await pair.sameRows(`l-${name}`)
  })

  test.each([
    ['in the middle', ''],
    ['together with data', 'words'],
  ])('the client resets %s: the server sees it', async (_, words) => {
    const { haproxy, alacrity } = await conversations('greets-only', (client, stage) => resets(client, stage, words))
    // HAProxy says one or the other where data come together with it, by the moment.
    expect(['reset', 'end']).toContain(haproxy)
    expect(alacrity).toBe('reset')
  })
})

/** How the server sees the end of a client that resets. */
async function resets(client: Client, stage: Stage, words: string): Promise<string> {
  await waitFor(() => client.received === 'hello', { what: 'a greeting' })
  const end = endOf(stage.origin('greets-only').accepted.at(-1) as Socket)
  if (words) client.socket.write(words)
  client.socket.resetAndDestroy()
  return await end
}

describe('no connection', () => {
  test.each(Object.keys(more))('%s', async (name) => {
    await same(name, over)
  })
})
