import { shared } from '../engine/cells.ts'
import type { Server } from '../engine/server.ts'
import type { Algorithm } from './algorithm.ts'

/** Draws several by their weight, and takes the one with the fewest sessions for its weight ("power of two choices"). */
export function random(draws: number): Algorithm {
  return {
    choose(servers) {
      const total = servers.reduce((sum, { weight }) => sum + weight, 0)
      let best = draw(servers, total)
      for (let drawn = 1; drawn < draws; drawn++) {
        const other = draw(servers, total)
        if (loadOf(other) < loadOf(best)) best = other
      }
      return best
    },
  }
}

function draw(servers: readonly Server[], total: number): Server {
  let at = Math.random() * total
  for (const server of servers) {
    at -= server.weight
    if (at < 0) return server
  }
  return servers.at(-1) as Server
}

function loadOf({ numbers, weight }: Server): number {
  return (numbers.shared[shared.cur] as number) / weight
}
