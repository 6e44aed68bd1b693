import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { times, until } from '../words.ts'

export const sticky: readonly Proof[] = [
  {
    title: 'G1 every run goes to the one current provider, though others are up',
    providers: 3,
    async run(scene) {
      const answers = [await scene.ask(), ...(await Promise.all(times(20, () => scene.ask())))]
      for (let run = 0; run < 20; run++) answers.push(await scene.ask())
      expect(new Set(answers), 'G1 who answered').toEqual(new Set(['A']))
      expect(scene.witness.dialled, 'G1 which providers connect() was called for').toEqual(['A'])
      expect([scene.b.proxy.accepted, scene.c.proxy.accepted], 'G1 connections to B and C').toEqual([0, 0])
    },
  },
  {
    title: 'G1 whoever took over is stayed with, though the first is back',
    options: { idempotent: true },
    async run(scene) {
      await scene.isServedBy('A')
      await scene.a.server.kill()
      expect(await scene.ask(), 'G1 who took over when A was killed').toBe('B')
      await scene.a.server.restart()
      for (let run = 0; run < 10; run++) expect(await scene.ask(), 'G1 who answers though A is back').toBe('B')
      expect(scene.witness.dialled, 'G1 which providers connect() was called for').toEqual(['A', 'B'])
      await until(() => scene.a.proxy.open === 0, 'G1 a connection to A was still open though B had taken over')
    },
  },
]
