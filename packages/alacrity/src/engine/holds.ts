import { bytesOf } from '../balance/address.ts'
import type { Condition, Network, Term, Test } from '../config/model.ts'

/** What conditions ask about. */
export interface Facts {
  /** The client's address. */
  readonly address: string
  /** The port it came to. */
  readonly port?: number
  /** How many servers of a backend can take a connection. */
  usableServers(backend: string): number
  isUp(backend: string, server: string): boolean
}

/** Does a condition (`if …`) hold? None holds always. */
export function holds(condition: Condition | undefined, facts: Facts): boolean {
  if (!condition) return true
  const isSo = condition.anyOf.some((terms) => terms.every((term) => termHolds(term, facts)))
  return isSo !== condition.negate
}

function termHolds({ negate, anyOf }: Term, facts: Facts): boolean {
  return anyOf.some((test) => testHolds(test, facts)) !== negate
}

function testHolds(test: Test, facts: Facts): boolean {
  switch (test.kind) {
    case 'always':
      return test.value
    case 'src':
      return isInOneOf(test.networks, facts.address)
    case 'dst_port':
      return test.ranges.some(([from, to]) => facts.port !== undefined && from <= facts.port && facts.port <= to)
    case 'nbsrv':
      return compare[test.compare](facts.usableServers(test.backend), test.value)
    case 'srv_is_up':
      return facts.isUp(test.backend, test.server)
  }
}

const compare: Record<'eq' | 'ge' | 'gt' | 'le' | 'lt', (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ge: (a, b) => a >= b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  lt: (a, b) => a < b,
}

function isInOneOf(networks: readonly Network[], address: string): boolean {
  if (address === '') return false
  const bytes = bytesOf(address)
  return networks.some((network) => isIn(network, bytes))
}

function isIn({ address, prefix }: Network, bytes: Uint8Array): boolean {
  if (address.length !== bytes.length) return false
  const whole = prefix >> 3
  for (let at = 0; at < whole; at++) if (address[at] !== bytes[at]) return false
  const rest = prefix & 7
  return rest === 0 || ((address[whole] as number) ^ (bytes[whole] as number)) >> (8 - rest) === 0
}
