import { freePort, waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { startAlacrity } from '../parts/alacrity.ts'
import { rowOf } from '../parts/ask.ts'
import { Client } from '../parts/client.ts'
import { headOf } from '../parts/head.ts'
import { echoes, startOrigin } from '../parts/origin.ts'

const openFiles = 256
const atTheDoor = openFiles / 4
const flooded = 1_000

/** Has it been answered? */
async function isServed(port: number): Promise<boolean> {
  const client = new Client(port)
  client.socket.end('hello')
  return (await client.over).text === 'hello'
}

// Node accepts whatever comes: without a bound those who wait for room take the files that checks and dials need.
test('a flood at a full frontend costs nobody else anything', async () => {
  const [front, other, socket] = [await freePort(), await freePort(), await freePort()]
  await using origin = await startOrigin(echoes)
  const config = `${headOf(socket)}
listen l
  bind 127.0.0.1:${front}
  maxconn 10
  server s 127.0.0.1:${origin.port} check inter 1s fall 1
listen other
  bind 127.0.0.1:${other}
  server s 127.0.0.1:${origin.port}
`
  await using alacrity = await startAlacrity({ port: front, config, openFiles })
  await waitFor(async () => (await rowOf(socket, 'FRONTEND', 'l')).scur === '0', { what: 'the first look at the port' })
  const early = new Client(front)
  early.socket.write('early')
  await waitFor(() => early.received === 'early', { what: 'an echo' })

  const flood = Array.from({ length: flooded }, () => new Client(front))
  const refused = () => flood.filter(({ isOver }) => isOver).length
  const expected = flooded - 9 - atTheDoor
  await waitFor(() => refused() >= expected, { timeoutMs: 20_000, what: 'those that are refused' })
  const checked = origin.accepted.length
  await waitFor(() => origin.accepted.length >= checked + 3, { what: 'further checks' })
  early.socket.write(' and on')
  await waitFor(() => early.received === 'early and on', { what: 'an echo during the flood' })
  expect(await isServed(other)).toBe(true)
  expect(await rowOf(socket, 's', 'l')).toMatchObject({ status: 'UP', chkfail: '0', chkdown: '0', econ: '0' })
  expect(refused()).toBe(expected)
  const { conn_tot, stot } = await rowOf(socket, 'FRONTEND', 'l')
  expect(Number(conn_tot) - Number(stot)).toBe(expected + atTheDoor)
  expect(alacrity.server.output.match(/l: .* wait for room/g)).toHaveLength(1)

  for (const { socket: client } of flood) client.destroy()
  await waitFor(async () => (await rowOf(socket, 'FRONTEND', 'l')).scur === '1', { what: 'the flood gone' })
  expect(await isServed(front)).toBe(true)
  early.socket.destroy()
})
