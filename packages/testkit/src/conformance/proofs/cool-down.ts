import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { until } from '../words.ts'

export const coolDown: readonly Proof[] = [
  {
    title: 'G12 a provider that goes up and down is dialled once per cool-down, unless all are cooling',
    providers: 3,
    options: { cooldownMs: 60_000, idempotent: true },
    async run(scene) {
      const { a, b, c, witness } = scene
      await a.down()
      await scene.isServedBy('B')
      await a.up() // up again, but it is cooling
      await scene.failover()
      expect(scene.current, 'G12 where failover() went').toBe('C')
      c.proxy.cut()
      await until(() => scene.current !== 'C', 'G12 lost: the connection to C was reset, and C is still current')
      expect(await scene.ask(), 'G12 who takes over from C while A is cooling').toBe('B')
      expect(witness.dialled, 'G12 which providers connect() was called for').toEqual(['A', 'B', 'C', 'B'])
      b.proxy.cut()
      await until(() => scene.current !== 'B', 'G12 lost: the connection to B was reset, and B is still current')
      expect(await scene.ask(), 'G12 who is tried when all are cooling: A cools off first').toBe('A')
    },
  },
]
