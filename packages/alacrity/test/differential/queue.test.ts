import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { holdAll } from '../parts/held.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const pair = pairOfFile({
  origins: { a: stays('a'), b: stays('b') },
  defaults: 'timeout queue 20s',
  config: (at) => `listen fifo
  bind ${at('fifo')}
  server a ${at('a')} maxconn 1
listen two
  bind ${at('two')}
  server a ${at('a')} maxconn 1
  server b ${at('b')} maxconn 1
listen sticky
  bind ${at('sticky')}
  balance source
  server a ${at('a')} maxconn 1
listen ruled
  bind ${at('ruled')}
  use-server a if { src 127.0.0.0/8 }
  server a ${at('a')} maxconn 1
  server b ${at('b')}
listen short
  bind ${at('short')}
  timeout queue 300ms
  server a ${at('a')} maxconn 1
listen maxqueue
  bind ${at('maxqueue')}
  balance source
  server a ${at('a')} maxconn 1 maxqueue 1
listen section
  bind ${at('section')}
  maxconn 2
  server a ${at('a')}
listen left
  bind ${at('left')}
  server a ${at('a')} maxconn 1
`,
})

/** Clients that come one after the other, each when the one before has been accepted and waits. */
async function line(stage: Stage, section: string, count: number): Promise<Client[]> {
  const clients: Client[] = []
  for (let at = 0; at < count; at++) {
    const before = clients.length
    clients.push(new Client(stage.port(section)))
    await waitFor(async () => (await totalOf(stage, section)) > before, { what: `client ${at + 1}` })
  }
  return clients
}

const totalOf = async (stage: Stage, section: string) => Number((await stage.row(section, 'FRONTEND')).stot)

async function waiting(stage: Stage, section: string, count: number): Promise<void> {
  const sum = async () => {
    const rows = Object.entries(await stage.rows(section)).filter(([name]) => name !== 'FRONTEND')
    return rows.reduce((total, [, { qcur }]) => total + Number(qcur), 0)
  }
  await waitFor(async () => (await sum()) === count, { what: `${count} to wait` })
}

describe('who waits for a server', () => {
  test.each(['fifo', 'sticky', 'ruled', 'two'])('%s: is served in the order of coming', async (section) => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const clients = await line(stage, section, 5)
      const queued = section === 'two' ? 3 : 4
      await waiting(stage, section, queued)
      const order: number[] = []
      for (const [at, client] of clients.entries()) client.socket.on('data', () => order.push(at))
      for (const [at, client] of clients.entries()) {
        client.socket.end()
        await client.over
        const next = clients[at + clients.length - queued]
        await waitFor(() => next?.received !== '', { what: 'its turn' })
      }
      await waitFor(() => order.length >= 3, { what: 'all' })
      return { order: order.slice(-3), names: clients.map(({ received }) => received) }
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows(section)
  })

  test('is refused when its time is over', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const [held] = await holdAll(stage, 'short', 1)
      const began = performance.now()
      const late = new Client(stage.port('short'))
      const { how, text } = await late.over
      const took = performance.now() - began
      late.socket.end()
      await held?.release()
      return { how, text, isInTime: took >= 290 && took < 10_000 }
    })
    expect(alacrity).toEqual(haproxy)
    expect(alacrity.isInTime).toBe(true)
    await pair.sameRows('short')
  })

  test('is refused where too many wait', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const [first, second, ...others] = (await line(stage, 'maxqueue', 5)) as [Client, Client, ...Client[]]
      const hows = await Promise.all(others.map(async ({ over }) => (await over).how))
      await waiting(stage, 'maxqueue', 1)
      for (const { socket } of others) socket.end()
      for (const client of [first, second]) {
        await waitFor(() => client.received === 'a', { what: 'its turn' })
        client.socket.end()
        await client.over
      }
      return hows
    })
    expect(alacrity).toEqual(haproxy)
    await pair.sameRows('maxqueue')
  })

  test('leaves the queue when it is reset', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const [first, second, third] = (await line(stage, 'left', 3)) as [Client, Client, Client]
      await waiting(stage, 'left', 2)
      second.socket.resetAndDestroy()
      first.socket.end()
      await waitFor(() => third.received === 'a', { what: 'its turn' })
      third.socket.end()
      await third.over
      return [first.received, second.received, third.received]
    })
    expect(alacrity).toEqual(haproxy)
  })

  test('a section that is full lets nobody in until somebody leaves', async () => {
    const { haproxy, alacrity } = await pair.both(async (stage) => {
      const held = await holdAll(stage, 'section', 2)
      const late = new Client(stage.port('section'))
      const later = new Client(stage.port('section'))
      const { scur, stot, smax } = await stage.row('section', 'FRONTEND')
      const full = { scur, stot, smax, received: late.received + later.received }
      for (const each of held) await each.release()
      await waitFor(() => late.received + later.received === 'aa', { what: 'their turn' })
      for (const client of [late, later]) {
        client.socket.end()
        await client.over
      }
      return full
    })
    expect(alacrity).toEqual(haproxy)
    expect(alacrity).toEqual({ scur: '2', stot: '2', smax: '2', received: '' })
    await pair.sameRows('section')
  })
})
