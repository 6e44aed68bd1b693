import { ExhaustedError } from '@tourniquet/core'
import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { endOf, orThrow, rejection, STALL_MS, timed } from '../words.ts'

export const exhaustion: readonly Proof[] = [
  {
    title: 'G8 when all are down the error names each attempt and its cause; what it was to do was not applied',
    async run(scene) {
      const { a, b } = scene
      await Promise.all([a.down(), b.down()])
      const id = scene.id()
      const error = await rejection(
        scene.run((asked) => asked.write(id)),
        'G8 a run while all providers are down',
      )
      expect(error, 'G8 what it rejects with').toBeInstanceOf(ExhaustedError)
      const { attempts, errors, outcome } = error as ExhaustedError
      expect(scene.namesOf(attempts), 'G8 whom the error says was tried').toEqual(['A', 'B', 'A'])
      expect(errors.filter((each) => each instanceof Error).length, 'G8 causes that the error names').toBe(3)
      expect(outcome, 'G8 the outcome where nothing was ever sent').toBe('not-applied')
      await Promise.all([a.up(), b.up()])
      await scene.ask()
      const times = [(await a.written())(id), (await b.written())(id)]
      expect(times, 'G8 how often A and B wrote what was not applied').toEqual([0, 0])
    },
  },
  {
    title: 'G8 once a provider is back, whoever waits succeeds within the backoff cap, and so does the next run',
    // Without the cap it would soon be seconds.
    options: { maxAttempts: Number.POSITIVE_INFINITY, backoff: { initialMs: 200, maxMs: 200 } },
    async run(scene) {
      await Promise.all([scene.a.down(), scene.b.down()])
      const exhausted = await rejection(
        scene.run((asked) => asked.who(), { maxAttempts: 3 }),
        'G8 a run while all are down',
      )
      expect(exhausted, 'G8 what it rejects with').toBeInstanceOf(ExhaustedError)
      const waiting = endOf(scene.ask())
      // By then the wait between rounds is as long as it may be.
      for (let time = 0; time < 4; time++) await endOf(scene.run((asked) => asked.who(), { maxAttempts: 2 }))
      await scene.b.up()
      const { value, ms } = await timed(async () => orThrow(await waiting))
      expect(value, 'G8 who answers once B is back').toBe('B')
      expect(ms, 'G8 how long it took after B was back').toBeLessThan(3 * 200 + STALL_MS)
      await scene.isServedBy('B')
    },
  },
]
