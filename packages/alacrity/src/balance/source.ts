import { createHash } from 'node:crypto'
import type { Server } from '../engine/server.ts'
import { bytesOf } from './address.ts'
import type { Algorithm } from './algorithm.ts'

/**
 * One client address, one server, as long as the servers stay the same. `map-based` is HAProxy's own arithmetic, so
 * that a client finds the same server behind either; `consistent` moves only the clients of a server that came or went.
 */
export function source(hashType: 'map-based' | 'consistent'): Algorithm {
  const tableOf = hashType === 'consistent' ? ringOf : mapOf
  let known: readonly Server[] | undefined
  let table: (address: string) => Server
  return {
    isSticky: true,
    choose(servers, { clientAddress }) {
      if (servers !== known) {
        table = tableOf(servers)
        known = servers
      }
      return table(clientAddress)
    },
  }
}

/**
 * As many places as all weights together, and the address modulo their number is the place. Each server gains its
 * weight at each place; who has saved up the most whole rounds gets it, the first of several, and pays a round.
 */
function mapOf(servers: readonly Server[]): (address: string) => Server {
  const weights = servers.map(weightOf)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const scores = servers.map(() => 0)
  const places = Array.from({ length: total }, () => {
    let best = 0
    let most = -1
    for (const [at, weight] of weights.entries()) {
      scores[at] = (scores[at] as number) + weight
      const rounds = Math.trunc((scores[at] + total) / total)
      if (rounds > most) {
        most = rounds
        best = at
      }
    }
    scores[best] = (scores[best] as number) - total
    return servers[best] as Server
  })
  return (address) => places[folded(bytesOf(address)) % total] as Server
}

/** The address in words of 32 bits, all put together with XOR. */
function folded(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let hash = 0
  for (let at = 0; at + 3 < bytes.length; at += 4) hash ^= view.getUint32(at)
  return hash >>> 0
}

const pointsPerWeight = 16

/** Every server has points on a ring, as many as its weight says; the next one after the address' own point is the one. */
function ringOf(servers: readonly Server[]): (address: string) => Server {
  const points = servers
    .flatMap((server) =>
      Array.from({ length: weightOf(server) * pointsPerWeight }, (_, at) => ({
        at: pointOf(`${server.config.id}/${at}`),
        server,
      })),
    )
    .sort((a, b) => a.at - b.at)
  return (address) => {
    const at = pointOf(Buffer.from(bytesOf(address)).toString('hex'))
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((points[middle] as { at: number }).at < at) low = middle + 1
      else high = middle
    }
    return (points[low % points.length] as { server: Server }).server
  }
}

function pointOf(text: string): number {
  return createHash('md5').update(text).digest().readUInt32BE(0)
}

/** During a slow start a weight is a fraction: here it is at least one. */
function weightOf({ weight }: Server): number {
  return Math.max(1, Math.round(weight / 256))
}
