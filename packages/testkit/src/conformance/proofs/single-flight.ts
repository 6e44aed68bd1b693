import { expect } from 'vitest'
import type { Proof, Scene, StagedProvider } from '../scene.ts'
import { endOf, inTime, orThrow, times, until } from '../words.ts'

/** One `connect` may open so many sockets as the description says, and at least one. */
function expectOneConnect({ connections }: Scene, { name, proxy }: StagedProvider): void {
  const words = `G2 sockets that one connect() to ${name} opened; say how many a service needs in "connections"`
  expect(proxy.accepted, words).toBeGreaterThan(0)
  expect(proxy.accepted, words).toBeLessThanOrEqual(connections)
}

/** A thousand operations are a second's work, and ten seconds' on a busy machine: no time limit shall end a dial. */
const THOUSAND_MS = 20_000
const limits = { connectTimeoutMs: THOUSAND_MS }

export const singleFlight: readonly Proof[] = [
  {
    title: 'G2 one connect for 1000 first calls',
    options: limits,
    async run(scene) {
      await scene.a.proxy.delay(10)
      const answers = await Promise.all(times(1000, () => scene.ask()))
      expect(new Set(answers), 'G2 who answers').toEqual(new Set(['A']))
      expect(scene.witness.dialled, 'G2 which providers connect() was called for').toEqual(['A'])
      expectOneConnect(scene, scene.a)
    },
  },
  {
    title: 'G2 1000 idempotent runs in flight when A is killed: 1000 results, 1 connect to B, 0 dials to A',
    options: { idempotent: true, ...limits },
    async run(scene) {
      const { a, b } = scene
      await scene.connect()
      await b.proxy.delay(10) // a slow handshake: all must wait for the one
      await a.server.freeze() // so that all of them are in flight
      const runs = endOf(Promise.all(times(1000, () => scene.ask())))
      await a.server.kill()
      await until(() => a.proxy.open === 0, 'G2 A was killed, and a connection to it is still open', THOUSAND_MS)
      const { bytesUp, accepted } = a.proxy
      const end = await inTime(runs, THOUSAND_MS, 'G2 runs that were in flight on A did not settle')
      expect(orThrow(end), 'G2 who answered the runs that were in flight').toEqual(times(1000, () => 'B'))
      expect(scene.witness.dialled, 'G2 which providers connect() was called for').toEqual(['A', 'B'])
      expect(scene.moves.length, 'G2 failovers').toBe(1)
      for (const provider of [a, b]) expectOneConnect(scene, provider)
      expect(a.proxy.accepted - accepted, 'G2 dials to A after it was killed').toBe(0)
      expect(a.proxy.bytesUp - bytesUp, 'G2 bytes sent to A after it was killed').toBe(0)
    },
  },
]
