import { expect } from 'vitest'
import type { Proof } from '../scene.ts'

export const order: readonly Proof[] = [
  {
    title: 'G14 after a provider comes the next, and round; one that is back is not gone back to',
    providers: 3,
    options: { idempotent: true },
    async run(scene) {
      const [a, b, c] = [scene.a, scene.b, scene.c]
      const names: string[] = [await scene.ask()]
      for (const [lost, back] of [
        [a, a],
        [b, b],
        [c, c],
      ] as const) {
        await lost.down()
        names.push(await scene.ask())
        await back.up()
      }
      expect(names, 'G14 who answered, each time the one before went down').toEqual(['A', 'B', 'C', 'A'])
      expect(scene.witness.dialled, 'G14 which providers connect() was called for').toEqual(['A', 'B', 'C', 'A'])
    },
  },
  {
    title: 'G14 a provider that is down is skipped',
    providers: 3,
    options: { idempotent: true },
    async run(scene) {
      await scene.ask()
      await scene.b.down()
      await scene.a.down()
      expect(await scene.ask(), 'G14 who takes over from A while B is down').toBe('C')
      expect(scene.witness.dialled, 'G14 which providers connect() was called for').toEqual(['A', 'B', 'C'])
    },
  },
]
