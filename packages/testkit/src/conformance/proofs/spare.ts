import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { STALL_MS, timed, until } from '../words.ts'

const failback = { afterMs: 200, intervalMs: 50 }

export const spare: readonly Proof[] = [
  {
    title: 'G14 with hedgeMs the next provider may win; G7 the loser leaves no service and no socket',
    options: { hedgeMs: 50 },
    async run(scene) {
      const { a, witness } = scene
      await a.proxy.freeze()
      const { value, ms } = await timed(() => scene.ask())
      expect(value, 'G14 who serves while the dial to A hangs').toBe('B')
      expect(ms, 'G14 how long that took, though hedgeMs is 50').toBeLessThan(3 * 50 + STALL_MS)
      await a.proxy.pass()
      await until(() => a.proxy.open === 0, 'G7 connect: A lost the hedge, and a socket to it is still open')
      const [toA] = witness.dials
      await until(() => toA?.state !== 'pending', 'G7 connect: it ignores its signal; A lost the hedge, and it goes on')
      expect(witness.dialled, 'G14 which providers connect() was called for').toEqual(['A', 'B'])
      expect(scene.current, 'G14 the current provider').toBe('B')
    },
  },
  {
    title: 'G14 a standby is taken first: a failover needs no dial',
    options: { standby: true, idempotent: true },
    async run(scene) {
      const { a, witness } = scene
      await scene.isServedBy('A')
      await until(() => witness.dials[1]?.state === 'open', 'G14 with standby the next provider was not connected')
      await a.down()
      expect(await scene.ask(), 'G14 who takes over').toBe('B')
      const dialsToB = witness.dialled.filter((name) => name === 'B')
      expect(dialsToB.length, 'G14 dials to B, which was the standby').toBe(1)
    },
  },
  {
    title: 'G14 with failback an earlier provider is gone back to, once it has been well for afterMs',
    options: { failback, idempotent: true },
    async run(scene) {
      const { a } = scene
      await scene.isServedBy('A')
      await a.down()
      await scene.isServedBy('B')
      const upAt = performance.now() // it may be connected before we are told that it is up
      await a.up()
      const limitMs = 3 * (failback.afterMs + failback.intervalMs) + STALL_MS
      await until(() => scene.current === 'A', 'G14 A is well again, and was not gone back to', limitMs)
      // Timers may fire up to 1 ms early.
      expect(performance.now() - upAt, 'G14 for how long A was well').toBeGreaterThan(failback.afterMs - 2)
      expect(scene.moves.at(-1), 'G14 why B was left').toBe('failback')
      await scene.isServedBy('A')
    },
  },
]
