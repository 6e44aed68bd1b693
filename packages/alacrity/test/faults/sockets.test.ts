import { execFileSync } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { freePort, waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../../testkit/src/install/find-program.ts'
import { needProgram } from '../../../testkit/src/install/need-program.ts'
import { type Alacrity, startAlacrity } from '../parts/alacrity.ts'
import { Client } from '../parts/client.ts'
import { nodes } from '../parts/nodes.ts'
import { type Origin, startOrigin } from '../parts/origin.ts'

/** A section for each of these options, and a server behind each. */
const options = ['', 'clitcpka', 'srvtcpka'] as const

/** Two small pieces, far enough apart that the balancer reads each on its own. */
async function inPieces(socket: Socket): Promise<void> {
  socket.write('a')
  await setTimeout(2)
  socket.write('b')
}

/** Says the like when it has got both, and ends when the client has. */
function answers(socket: Socket): void {
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.length
    if (bytes % 2 === 0) void inPieces(socket)
  })
  socket.on('end', () => socket.end())
}

let ss: string
beforeAll(async () => {
  const find = () => findProgram('ss') ?? findProgram('ss', ['/usr/sbin', '/sbin'])
  ss = await needProgram({ program: 'ss', find, debian: { name: 'iproute2' }, brew: 'iproute2mac' })
})

/** Does the system look after the connections that have this port at their own end, or at the other? */
function isKeptAlive(end: 'sport' | 'dport', port: number): boolean {
  const filter = ['-tnoH', 'state', 'established', `( ${end} = :${port} )`]
  const lines = execFileSync(ss, filter, { encoding: 'utf8' }).trim().split('\n')
  expect(lines).toHaveLength(1)
  return lines[0]?.includes('timer:(keepalive,') ?? false
}

// What Node makes of `keepAlive` and `noDelay` is for each version to say.
describe.each(nodes)('the sockets of a connection, on $name', ({ path }) => {
  const fronts = new Map<string, number>()
  const origins = new Map<string, Origin>()
  let alacrity: Alacrity

  beforeAll(async () => {
    for (const option of options) {
      fronts.set(option, await freePort())
      origins.set(option, await startOrigin(answers))
    }
    const sections = options.map(
      (option) => `listen l${option}
  bind 127.0.0.1:${fronts.get(option)}
  ${option && `option ${option}`}
  server s 127.0.0.1:${origins.get(option)?.port}
`,
    )
    const timeouts = 'timeout connect 2s\n  timeout client 20s\n  timeout server 20s\n'
    const config = `global\n  hard-stop-after 100ms\ndefaults\n  mode tcp\n  ${timeouts}${sections.join('')}`
    alacrity = await startAlacrity({ port: fronts.get('') as number, config, node: path })
  })
  afterAll(async () => {
    await alacrity[Symbol.asyncDispose]()
    for (const origin of origins.values()) await origin[Symbol.asyncDispose]()
  })

  /** Both sides have said something. */
  async function connected(option: (typeof options)[number]) {
    const client = new Client(fronts.get(option) as number, { noDelay: true })
    client.socket.write('ab')
    await waitFor(() => client.received === 'ab', { what: 'an answer' })
    return client
  }

  test.skipIf(process.platform !== 'linux').each([
    ['', { client: false, server: false }],
    ['clitcpka', { client: true, server: false }],
    ['srvtcpka', { client: false, server: true }],
  ] as const)("with option '%s' are kept alive: %j", async (option, expected) => {
    const { port, open } = origins.get(option) as Origin
    await waitFor(() => open.size === 0, { what: 'the end of the one that looked whether it has started' })
    const client = await connected(option)
    // Until all is acknowledged another timer may run.
    const isSo = () =>
      isKeptAlive('sport', fronts.get(option) as number) === expected.client &&
      isKeptAlive('dport', port) === expected.server
    await waitFor(isSo, { what: JSON.stringify(expected) })
    client.socket.destroy()
  })

  // A piece that waits until the one before it is acknowledged waits 40 ms, for the other side has nothing to say yet.
  test('send small pieces at once, both ways', async () => {
    const client = await connected('')
    const took: number[] = []
    for (let round = 2; round <= 40; round++) {
      const began = performance.now()
      await inPieces(client.socket)
      await waitFor(() => client.received.length === round * 2, { intervalMs: 1, what: 'both pieces' })
      took.push(performance.now() - began)
    }
    const [median = Number.POSITIVE_INFINITY] = took.sort((a, b) => a - b).slice(took.length / 2)
    expect(median).toBeLessThan(35)
    client.socket.destroy()
  })
})
