import { shared } from '../engine/cells.ts'
import type { Server } from '../engine/server.ts'
import type { Algorithm } from './algorithm.ts'

/**
 * Smooth weighted round-robin: each turn every server gains its weight, the one that is furthest ahead is chosen and
 * gives back what all have gained. So a server of weight 3 beside one of weight 1 is chosen a, a, b, a: never in a row
 * where it can be helped.
 */
export const roundRobin: Algorithm = {
  choose(servers, _asker, all = servers) {
    let total = 0
    for (const { weight, numbers } of all) {
      total += weight
      numbers.shared[shared.turn] = (numbers.shared[shared.turn] as number) + weight
    }
    let best = servers[0] as Server
    for (const server of servers)
      if ((server.numbers.shared[shared.turn] as number) > (best.numbers.shared[shared.turn] as number)) best = server
    const chosen = best.numbers.shared
    chosen[shared.turn] = (chosen[shared.turn] as number) - total
    return best
  },
}
