import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { endOf, inTime, SOON_MS, times, until } from '../words.ts'

export const generations: readonly Proof[] = [
  {
    title: 'G3 late failures from a former connection move nothing',
    async run(scene) {
      await scene.connect()
      const late = times(10, () => endOf(scene.run((asked) => asked.hang())))
      await scene.a.isBusy(late.length)
      await scene.failover()
      await scene.isServedBy('B')
      scene.a.proxy.cut()
      await inTime(
        Promise.all(late),
        SOON_MS,
        'G3 what was in flight on A did not settle though its connection is lost',
      )
      await until(() => scene.a.proxy.open === 0, 'G3 a socket to A is still open though its connection was lost')
      expect(scene.current, 'G3 the current provider, after what was left on A had failed').toBe('B')
      await scene.isServedBy('B')
      expect(scene.witness.dialled, 'G3 which providers connect() was called for').toEqual(['A', 'B'])
      expect(scene.moves, 'G3 moves, after what was left on A had failed').toEqual(['manual'])
      const [, toB] = scene.witness.dials
      expect(toB?.disconnects, 'G3 how often B, which is current, was disconnected').toBe(0)
    },
  },
]
