import { waitFor } from '@tourniquet/testkit'
import { describe, expect, test } from 'vitest'
import { Client } from '../parts/client.ts'
import { holdAll } from '../parts/held.ts'
import { comparableLine } from '../parts/log-line.ts'
import { stays } from '../parts/origin.ts'
import { pairOfFile } from '../parts/pair.ts'
import type { Stage } from '../parts/stage.ts'

const variables = '%ci %fi %f %ft %b %s %ts %tsc %B %U %rc %fc %bc %sc %sq %bq %bi %si [%t] [%T] [%Tl] %% %{+Q}b %ci:x'

const pair = pairOfFile({
  origins: {
    a: stays('a'),
    resets: (socket) => void socket.on('data', () => socket.resetAndDestroy()),
  },
  defaults: 'log stdout format raw local0\n  timeout queue 300ms\n  retries 1',
  config: (at) => `listen plain
  bind ${at('plain')}
  server a ${at('a')}
listen tcplog
  bind ${at('tcplog')}
  option tcplog
  server a ${at('a')} maxconn 2
listen sticky
  bind ${at('sticky')}
  option tcplog
  balance source
  server a ${at('a')} maxconn 1
listen aborted
  bind ${at('aborted')}
  option tcplog
  server a ${at('a')}
listen server-resets
  bind ${at('server-resets')}
  option tcplog
  server a ${at('resets')}
listen refused
  bind ${at('refused')}
  option tcplog
  timeout connect 200ms
  server a ${at('nobody')}
listen rejected
  bind ${at('rejected')}
  option tcplog
  tcp-request content reject
  server a ${at('a')}
listen maintenance
  bind ${at('maintenance')}
  option tcplog
  server a ${at('a')} disabled
listen killed
  bind ${at('killed')}
  option tcplog
  server a ${at('a')}
frontend nowhere
  bind ${at('nowhere')}
  option tcplog
frontend front
  bind ${at('front')}
  option tcplog
  default_backend back
backend back
  server a ${at('a')}
listen own-format
  bind ${at('own-format')}
  log-format "${variables}"
  server a ${at('a')}
listen null
  bind ${at('null')}
  option tcplog
  option dontlognull
  server a ${at('resets')}
listen normal
  bind ${at('normal')}
  option tcplog
  option dontlog-normal
  server a ${at('a')}
`,
})

/** What both log of these connections. */
async function same(section: string, count: number, talk: (stage: Stage) => Promise<void>): Promise<readonly string[]> {
  const { haproxy, alacrity } = await pair.both(async (stage) => {
    await talk(stage)
    const lines = () => stage.logged(section)
    await waitFor(() => lines().length >= count, { what: `${count} lines about ${section} of ${stage.name}` })
    return lines().map(comparableLine)
  })
  expect(alacrity).toEqual(haproxy)
  expect(alacrity).toHaveLength(count)
  return alacrity
}

async function visit(stage: Stage, section: string, words = ''): Promise<void> {
  const client = new Client(stage.port(section))
  await waitFor(() => client.received === 'a', { what: 'a greeting' })
  client.socket.end(words)
  await client.over
}

async function refusal(stage: Stage, section: string, words = ''): Promise<void> {
  const client = new Client(stage.port(section))
  client.socket.write(words)
  await client.over
  client.socket.destroy()
}

describe('what is logged', () => {
  test('by default: who came', async () => {
    const [line] = await same('(plain/', 1, (stage) => visit(stage, 'plain'))
    expect(line).toBe('Connect from 127.0.0.1:port to 127.0.0.1:port (plain/TCP)')
  })

  test.each(['tcplog', 'front', 'own-format'])('%s: an orderly end, with what was sent', async (section) => {
    await same(section === 'own-format' ? ' own-format ' : ` ${section} `, 1, (stage) =>
      visit(stage, section, 'some words'),
    )
  })

  test('counts of others that are there', async () => {
    await same(' tcplog tcplog', 5, async (stage) => {
      const held = await holdAll(stage, 'tcplog', 2)
      // No place, and after 300 ms no patience.
      await refusal(stage, 'tcplog')
      for (const [at, each] of held.entries()) {
        await each.release()
        await waitFor(async () => (await stage.row('tcplog', 'a')).scur === `${1 - at}`, { what: 'its end' })
      }
      await visit(stage, 'tcplog')
    })
  })

  test('waiting for one server', async () => {
    await same(' sticky sticky', 2, async (stage) => {
      const [held] = await holdAll(stage, 'sticky', 1)
      await refusal(stage, 'sticky')
      await held?.release()
    })
  })

  test.each(['refused', 'rejected', 'maintenance', 'nowhere', 'server-resets'])('%s', async (section) => {
    await same(` ${section} ${section}/`, 1, (stage) =>
      refusal(stage, section, section === 'server-resets' ? 'go' : ''),
    )
  })

  test('a client that resets', async () => {
    await same(' aborted ', 1, async (stage) => {
      const [held] = await holdAll(stage, 'aborted', 1)
      held?.client.socket.resetAndDestroy()
    })
  })

  test('an operator who ends a session', async () => {
    await same(' killed ', 1, async (stage) => {
      const [held] = await holdAll(stage, 'killed', 1)
      await stage.admin('shutdown sessions server killed/a')
      await held?.client.over
      held?.client.socket.destroy()
    })
  })

  test('dontlognull and dontlog-normal leave lines out', async () => {
    await same(' null ', 1, async (stage) => {
      const silent = new Client(stage.port('null'))
      await waitFor(async () => (await stage.row('null', 'a')).scur === '1', { what: 'to be connected' })
      silent.socket.resetAndDestroy()
      await refusal(stage, 'null', 'go')
    })
    await same(' normal ', 1, async (stage) => {
      await visit(stage, 'normal')
      const [held] = await holdAll(stage, 'normal', 1)
      held?.client.socket.resetAndDestroy()
    })
  })
})
