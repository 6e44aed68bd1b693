import type { Server } from '../engine/server.ts'
import type { Algorithm } from './algorithm.ts'

/** The first that has room, by `id`: the last ones can be switched off while there is little to do. */
export const first: Algorithm = {
  choose(servers) {
    let best = servers[0] as Server
    for (const server of servers) if (server.config.id < best.config.id) best = server
    return best
  },
}
