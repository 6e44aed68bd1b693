import { shared } from '../engine/cells.ts'
import type { Server } from '../engine/server.ts'
import type { Algorithm } from './algorithm.ts'

/** The fewest sessions for its weight; among equals the one that was chosen longest ago. */
export const leastConnections: Algorithm = {
  choose(servers) {
    let best = servers[0] as Server
    let latest = turnOf(best)
    for (const server of servers) {
      if (isEarlier(latest, turnOf(server))) latest = turnOf(server)
      if (server !== best && isBefore(server, best)) best = server
    }
    best.numbers.shared[shared.turn] = latest + 1
    return best
  },
}

function isBefore(a: Server, b: Server): boolean {
  const loadOfA = loadWithOneMore(a)
  const loadOfB = loadWithOneMore(b)
  // Multiplied crosswise: no division, no rounding.
  const difference = loadOfA * b.weight - loadOfB * a.weight
  if (difference !== 0) return difference < 0
  return isEarlier(turnOf(a), turnOf(b))
}

/** As HAProxy counts: as if it were given the connection, but one that has nothing to do comes before all others. */
function loadWithOneMore({ numbers }: Server): number {
  const sessions = numbers.shared[shared.cur] as number
  return sessions === 0 ? 0 : sessions + 1
}

function turnOf(server: Server): number {
  return server.numbers.shared[shared.turn] as number
}

/** Turns are 32 bits wide and begin again from below. */
function isEarlier(a: number, b: number): boolean {
  return ((a - b) | 0) < 0
}
