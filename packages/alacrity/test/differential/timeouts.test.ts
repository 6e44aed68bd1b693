import { waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { type FullPort, startFullPort } from '../parts/full-port.ts'
import { comparableLine } from '../parts/log-line.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

let full: FullPort
beforeAll(async () => {
  full = await startFullPort()
})
afterAll(() => full[Symbol.asyncDispose]())
const pair = pairOfFile({
  origins: {
    polite: (socket) => void socket.on('end', () => socket.end()).resume(),
    silent: (socket) => void socket.on('end', () => {}).resume(),
    // It sends something every 100 ms.
    busy: (socket) => {
      const timer = setInterval(() => socket.write('.'), 100)
      socket.on('close', () => clearInterval(timer)).resume()
    },
    ending: (socket) => void socket.end('bye').resume(),
  },
  defaults: 'log stdout format raw local0\n  option tcplog\n  timeout connect 20s',
  config: (at) => `listen client
  bind ${at('client')}
  timeout client 400ms
  server s ${at('polite')}
listen server
  bind ${at('server')}
  timeout server 400ms
  server s ${at('silent')}
listen both-sides
  bind ${at('both-sides')}
  timeout client 400ms
  timeout server 400ms
  server s ${at('polite')}
listen kept
  bind ${at('kept')}
  timeout client 2s
  timeout server 2s
  server s ${at('polite')}
listen kept-by-server
  bind ${at('kept-by-server')}
  timeout client 2s
  timeout server 2s
  server s ${at('busy')}
listen tunnel
  bind ${at('tunnel')}
  timeout client 100ms
  timeout server 100ms
  timeout tunnel 600ms
  server s ${at('polite')}
listen client-fin
  bind ${at('client-fin')}
  timeout client-fin 400ms
  server s ${at('ending')}
listen server-fin
  bind ${at('server-fin')}
  timeout server-fin 400ms
  server s ${at('silent')}
listen tunnel-fin
  bind ${at('tunnel-fin')}
  timeout tunnel 20s
  timeout server-fin 400ms
  server s ${at('silent')}
listen connect
  bind ${at('connect')}
  timeout connect 400ms
  retries 0
  server s 127.0.0.1:${full.port}
listen connect-again
  bind ${at('connect-again')}
  timeout connect 400ms
  retries 1
  server s 127.0.0.1:${full.port}
listen connect-elsewhere
  bind ${at('connect-elsewhere')}
  timeout connect 400ms
  retries 2
  option redispatch
  server s 127.0.0.1:${full.port}
  server t ${at('ending')}
`,
})

/** Who is cut and when: not before `ms`, and long before any other time-out would. */
async function cut(stage: Stage, section: string, ms: number, talk: (client: Client) => unknown = () => {}) {
  const client = new Client(stage.port(section))
  const began = performance.now()
  await talk(client)
  const { how, text } = await client.over
  const took = performance.now() - began
  if (section !== 'client-fin') client.socket.end()
  await waitFor(async () => (await stage.row(section, 'FRONTEND')).scur === '0', { what: `its end in ${stage.name}` })
  const ended = performance.now() - began
  client.socket.destroy()
  const [line = ''] = await waitFor(() => some(stage.logged(` ${section} ${section}/`)), { what: 'a log line' })
  const isInTime = ended > ms - 20 && took < ms + 10_000
  return {
    how,
    text: text.replace(/\.+/, '…'),
    isInTime: isInTime || `after ${took}, ${ended} ms`,
    line: comparableLine(line),
  }
}

const some = (lines: readonly string[]) => (lines.length > 0 ? lines : undefined)

/** For longer than its section's time-outs. */
async function keepsTalking(client: Client): Promise<void> {
  for (let at = 0; at < 25; at++) {
    client.socket.write('.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const cases: [string, number, ((client: Client) => unknown)?][] = [
  ['client', 400],
  ['server', 400],
  ['both-sides', 400],
  ['kept', 4_400, keepsTalking],
  ['tunnel', 600],
  ['client-fin', 400],
  ['server-fin', 400, (client) => client.socket.end('bye')],
  ['tunnel-fin', 400, (client) => client.socket.end('bye')],
  ['connect', 400],
  ['connect-again', 800],
  ['connect-elsewhere', 400],
]

describe('time-outs: who is cut, when, and what the log says', () => {
  test.concurrent.each(cases)('%s', async (section, ms, talk) => {
    const { haproxy, alacrity } = await pair.both((stage) => cut(stage, section, ms, talk))
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows(section)
  })

  test.concurrent('a server that speaks keeps the connection of a client that does not', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const client = new Client(stage.port('kept-by-server'))
      await waitFor(() => client.received.length >= 25 || client.hasEnded, { what: 'more than two seconds' })
      const { hasEnded } = client
      client.socket.destroy()
      return hasEnded
    })
    expect(alacrity).toBe(haproxy)
    expect(alacrity).toBe(false)
  })
})
