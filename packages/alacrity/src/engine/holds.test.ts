import { describe, expect, test } from 'vitest'
import { readConfiguration } from '../config/read.ts'
import { type Facts, holds } from './holds.ts'

/** The condition of `use_backend b if …`. */
function conditionOf(text: string) {
  const { proxies } = readConfiguration(
    `frontend f\n mode tcp\n bind 127.0.0.1:1\n use_backend b ${text}\nbackend b\n mode tcp\n server s1 127.0.0.1:2\n server s2 127.0.0.1:3\n`,
    { file: 'test.cfg' },
  )
  return proxies[0]?.useBackend[0]?.when
}

function facts(address: string, usable = 2, up: readonly string[] = ['s1', 's2']): Facts {
  return { address, port: 5432, usableServers: () => usable, isUp: (_, server) => up.includes(server) }
}

describe('a condition', () => {
  test.each([
    ['if { src 10.0.0.0/8 }', '10.255.0.1', true],
    ['if { src 10.0.0.0/8 }', '11.0.0.1', false],
    ['if { src 10.0.0.0/8 }', '::ffff:10.0.0.1', true],
    ['if { src 192.168.7.128/25 }', '192.168.7.200', true],
    ['if { src 192.168.7.128/25 }', '192.168.7.100', false],
    ['if { src 2001:db8::/33 }', '2001:db8:7fff::1', true],
    ['if { src 2001:db8::/33 }', '2001:db8:8000::1', false],
    ['if { src 10.0.0.1 10.0.0.2 }', '10.0.0.2', true],
    ['if !{ src 10.0.0.1 }', '10.0.0.2', true],
    ['unless { src 10.0.0.1 }', '10.0.0.1', false],
    ['if { src 10.0.0.1 } { nbsrv(b) ge 2 }', '10.0.0.1', true],
    ['if { src 10.0.0.1 } { nbsrv(b) gt 2 }', '10.0.0.1', false],
    ['if { src 10.0.0.9 } || { srv_is_up(b/s1) }', '10.0.0.1', true],
    ['if { dst_port 5432 }', '10.0.0.1', true],
    ['if { src 10.0.0.0/8 }', '', false],
  ])('%s, asked by %s: %s', (text, address, expected) => {
    expect(holds(conditionOf(text), facts(address))).toBe(expected)
  })

  test('one that there is not holds', () => {
    expect(holds(undefined, facts('10.0.0.1'))).toBe(true)
  })

  test('it goes by how the servers are now', () => {
    const condition = conditionOf('if { nbsrv(b) lt 1 }')
    expect(holds(condition, facts('10.0.0.1', 1))).toBe(false)
    expect(holds(condition, facts('10.0.0.1', 0))).toBe(true)
  })
})
