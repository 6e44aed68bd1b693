import { describe, expect, test } from 'vitest'
import type { ServerConfig } from '../config/model.ts'
import { cellsFor, shared, sharedOf } from '../engine/cells.ts'
import { Server } from '../engine/server.ts'
import { algorithmOf } from './index.ts'

/** Servers s1, s2, … of these weights. */
function servers(...weights: number[]): Server[] {
  return weights.map((weight, index) => {
    const cells = cellsFor(1)
    const numbers = sharedOf(cells)
    numbers[shared.weight] = weight * 256
    numbers[shared.usable] = 1
    const config = { name: `s${index + 1}`, id: index + 1, backup: false } as ServerConfig
    return new Server({ config, cells, serial: index + 1 }, index, 0)
  })
}

const load = (server: Server, sessions: number) => {
  server.numbers.shared[shared.cur] = sessions
}
const asker = (clientAddress: string) => ({ clientAddress })
const nobody = asker('')

describe('roundrobin', () => {
  const { choose } = algorithmOf({ balance: { algorithm: 'roundrobin' }, hashType: 'map-based' })

  test('takes turns', () => {
    const all = servers(1, 1, 1)
    expect(Array.from({ length: 6 }, () => choose(all, nobody).name)).toEqual(['s1', 's2', 's3', 's1', 's2', 's3'])
  })

  test('goes by weight, and spreads the turns of the heavy one', () => {
    const all = servers(5, 1, 1)
    const turns = Array.from({ length: 7 }, () => choose(all, nobody).name)
    expect(turns.filter((name) => name === 's1')).toHaveLength(5)
    expect(turns.join(' ')).toBe('s1 s1 s2 s1 s3 s1 s1')
  })
})

describe('leastconn', () => {
  const { choose } = algorithmOf({ balance: { algorithm: 'leastconn' }, hashType: 'map-based' })

  test('takes the one with the fewest sessions for its weight', () => {
    const all = servers(1, 2)
    load(all[0] as Server, 1)
    load(all[1] as Server, 3)
    expect(choose(all, nobody).name).toBe('s1')
    load(all[1] as Server, 1)
    expect(choose(all, nobody).name).toBe('s2')
  })

  test('takes turns among equals', () => {
    const all = servers(1, 1, 1)
    expect(Array.from({ length: 6 }, () => choose(all, nobody).name)).toEqual(['s1', 's2', 's3', 's1', 's2', 's3'])
  })

  test('its turns may run over 32 bits', () => {
    const all = servers(1, 1)
    for (const server of all) server.numbers.shared[shared.turn] = 0x7fff_fffe
    expect(Array.from({ length: 6 }, () => choose(all, nobody).name)).toEqual(['s1', 's2', 's1', 's2', 's1', 's2'])
  })
})

describe('source', () => {
  test('map-based: the address modulo the weights, as HAProxy counts', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'source' }, hashType: 'map-based' })
    const all = servers(1, 1, 1)
    // 127.0.0.1 is 2,130,706,433, which is 2 modulo 3.
    expect(choose(all, asker('127.0.0.1')).name).toBe('s3')
    expect(choose(all, asker('127.0.0.2')).name).toBe('s1')
    expect(choose(all, asker('::ffff:127.0.0.2')).name).toBe('s1')
  })

  test('is computed again when the servers are others', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'source' }, hashType: 'map-based' })
    const all = servers(1, 1, 1)
    expect(choose(all, asker('127.0.0.1')).name).toBe('s3')
    expect(choose(all.slice(0, 2), asker('127.0.0.1')).name).toBe('s2')
  })

  test('consistent: when a server goes, only its clients move', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'source' }, hashType: 'consistent' })
    const all = servers(1, 1, 1, 1)
    const clients = Array.from({ length: 2_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
    const before = clients.map((client) => choose(all, asker(client)).name)
    const left = all.slice(0, 3)
    const after = clients.map((client) => choose(left, asker(client)).name)
    const moved = clients.filter((_, at) => before[at] !== after[at])
    expect(moved).toHaveLength(before.filter((name) => name === 's4').length)
    // Sixteen points each are few: about a quarter, within a factor of two.
    for (const server of all) {
      const share = before.filter((name) => name === server.name).length / clients.length
      expect(share, server.name).toBeGreaterThan(0.125)
      expect(share, server.name).toBeLessThan(0.5)
    }
  })
})

describe('first', () => {
  test('takes the smallest id', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'first' }, hashType: 'map-based' })
    const all = servers(1, 1, 1)
    expect(choose([...all].reverse(), nobody).name).toBe('s1')
  })
})

describe('random', () => {
  test('with two draws, the busier of two is taken only when it is drawn twice', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'random', draws: 2 }, hashType: 'map-based' })
    const all = servers(1, 1)
    load(all[0] as Server, 100)
    const taken = Array.from({ length: 4_000 }, () => choose(all, nobody).name).filter((name) => name === 's1').length
    expect(taken / 4_000).toBeGreaterThan(0.2)
    expect(taken / 4_000).toBeLessThan(0.3)
  })

  test('never takes what has no weight', () => {
    const { choose } = algorithmOf({ balance: { algorithm: 'random', draws: 1 }, hashType: 'map-based' })
    const all = servers(0, 1)
    expect(new Set(Array.from({ length: 500 }, () => choose(all, nobody).name))).toEqual(new Set(['s2']))
  })
})
