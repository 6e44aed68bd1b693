import { freePort, waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { startAlacrity } from './parts/alacrity.ts'
import { ask, rowOf } from './parts/ask.ts'
import { Client, readAll } from './parts/client.ts'
import { headOf } from './parts/head.ts'
import { otherNode } from './parts/nodes.ts'
import { startOrigin, stays } from './parts/origin.ts'

const node = otherNode(24)

/** Answers after a moment. */
const slowly = (name: string, ms: number) => (client: { end(text: string): void }) =>
  void setTimeout(() => client.end(name), ms)

// Sharing a port among threads wants Node 22.12.
describe.runIf(node)('limits that two data threads share', { timeout: 120_000 }, () => {
  test('one who stands at another frontend is let in when the process has room again', async () => {
    const [front, other, socket] = [await freePort(), await freePort(), await freePort()]
    await using origin = await startOrigin(stays('s'))
    const sections = [front, other].map(
      (port) => `listen l${port}\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${origin.port}\n`,
    )
    const config = `${headOf(socket, 'nbthread 2', 'maxconn 1')}${sections.join('')}`
    await using _alacrity = await startAlacrity({ port: front, config, node: node as string })
    // Which thread a client comes to is chance: in twenty rounds each has stood before the other's door.
    for (let round = 0; round < 20; round++) {
      const first = new Client(front)
      await waitFor(() => first.received === 's', { what: 'the only place taken' })
      const second = new Client(other)
      await waitFor(async () => Number((await rowOf(socket, 'FRONTEND', `l${other}`)).conn_tot) > round, {
        what: 'the second at the door',
      })
      expect(second.received).toBe('')
      first.socket.destroy()
      await waitFor(() => second.received === 's', { what: `the second let in, in round ${round}`, timeoutMs: 5_000 })
      second.socket.destroy()
      await waitFor(async () => (await rowOf(socket, 'FRONTEND', `l${other}`)).scur === '0', { what: 'no session' })
    }
  })

  test('in a storm nobody is forgotten at the door of a frontend, nor in the queue of a server', async () => {
    const [front, other, socket] = [await freePort(), await freePort(), await freePort()]
    await using a = await startOrigin(slowly('a', 1))
    await using b = await startOrigin(slowly('b', 2))
    const servers = `  server a 127.0.0.1:${a.port} maxconn 2\n  server b 127.0.0.1:${b.port} maxconn 3\n`
    const config = `${headOf(socket, 'nbthread 2', 'maxconn 12')}
listen tight
  bind 127.0.0.1:${front}
  maxconn 7
  balance leastconn
${servers}
listen wide
  bind 127.0.0.1:${other}
  use-server a if { src 127.0.0.2 }
${servers}`
    await using _alacrity = await startAlacrity({ port: front, config, node: node as string })
    await waitFor(async () => (await rowOf(socket, 'FRONTEND', 'tight')).scur === '0', { what: 'no session' })
    await ask(socket, 'clear counters all')
    const answers = await Promise.all(
      Array.from({ length: 1_500 }, (_, at) =>
        readAll(at % 2 ? front : other, { localAddress: at % 3 ? '127.0.0.1' : '127.0.0.2' }),
      ),
    )
    expect(answers.filter((answer) => answer !== 'a' && answer !== 'b')).toEqual([])
    const most = async (section: string, name: string) => Number((await rowOf(socket, name, section)).smax)
    expect([await most('tight', 'FRONTEND'), await most('tight', 'a'), await most('tight', 'b')]).toEqual([7, 2, 3])
    expect(await most('wide', 'a')).toBe(2)
    expect(await most('wide', 'b')).toBe(3)
    for (const section of ['tight', 'wide'])
      await waitFor(async () => (await rowOf(socket, 'BACKEND', section)).scur === '0', { what: 'no session left' })
  })
})
