import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { rejection, STALL_MS, until } from '../words.ts'

const roles = ['demote', 'promote'] as const
// A server that refuses writes answers its probe at once: the limit is there for one that takes its time.
const limits = { heartbeatMs: 100, probeTimeoutMs: 3000 }

export const demotion: readonly Proof[] = [
  {
    title: 'G11 a provider that turns read-only is left on the first refused write, with all its connections',
    needs: roles,
    async run(scene) {
      const [before, after] = [scene.id(), scene.id()]
      await scene.via((asked) => asked.write(before))
      await scene.a.demote()
      expect(await scene.ask(), 'G11 who answers reads after the demotion, before any write was refused').toBe('A')
      await scene.via((asked) => asked.write(after))
      const { a, b } = scene
      const [onA, onB] = [await a.written(), await b.written()]
      expect([onA(before), onB(before)], 'G11 how often A and B applied a write before the demotion').toEqual([1, 0])
      expect([onA(after), onB(after)], 'G11 how often A and B applied the write that A refused').toEqual([0, 1])
      expect(await scene.ask(), 'G11 who answers after a write was refused').toBe('B')
      await until(() => a.proxy.open === 0, 'G11 a connection to A is still open, though A was left')
      expect(scene.witness.dialled, 'G11 which providers connect() was called for').toEqual(['A', 'B'])
    },
  },
  {
    title: 'G11 a failed role probe: a provider that turns read-only is left by its heartbeat, with no write',
    needs: roles,
    options: limits,
    async run(scene) {
      await scene.connect()
      await scene.a.demote()
      const words = 'G11 probe: A refuses writes, and is still current; a probe must look at the role'
      await until(() => scene.current !== 'A', words, 3 * limits.heartbeatMs + STALL_MS)
      await scene.isServedBy('B')
    },
  },
  {
    title: 'G11 a refusal that is the caller’s own doing moves nothing',
    needs: ['writeReadOnly'],
    async run(scene) {
      await scene.connect()
      await rejection(
        scene.via((asked) => asked.writeReadOnly()),
        'G11 a write in what the caller declared read-only was not refused',
      )
      expect(scene.moves, 'G11 moves after a refusal that is the caller’s own doing').toEqual([])
      await scene.isServedBy('A')
      expect(scene.witness.dialled, 'G11 which providers connect() was called for').toEqual(['A'])
    },
  },
]
