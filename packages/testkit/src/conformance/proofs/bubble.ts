import { TourniquetError } from '@tourniquet/core'
import { expect } from 'vitest'
import type { Proof, Scene } from '../scene.ts'
import { rejection } from '../words.ts'

const SWALLOWED =
  'G4 the caller’s own error did not reach him: a service must not swallow errors, and operations.refuse must be refused'

/** Nothing has moved. */
async function expectStayed(scene: Scene): Promise<void> {
  const words = `G4 after the caller’s own error; ${scene.witness.lastVerdict}`
  expect(scene.witness.dialled, `${words}; which providers connect() was called for`).toEqual(['A'])
  expect(scene.moves, words).toEqual([])
  expect(await scene.ask(), words).toBe('A')
}

export const bubble: readonly Proof[] = [
  {
    title: 'G4 the caller’s own error comes back as the same object, after one attempt, and the provider stays',
    async run(scene) {
      for (const idempotent of [false, true]) {
        const thrown: unknown[] = []
        const refused = scene.run(
          (asked) =>
            asked.refuse().catch((error) => {
              thrown.push(error)
              throw error
            }),
          { idempotent },
        )
        const error = await rejection(refused, SWALLOWED)
        expect(thrown.length, `G4 how often it was tried; ${scene.witness.lastVerdict}`).toBe(1)
        expect(error === thrown[0], `G4 the same object came back; got ${error}`).toBe(true)
        await expectStayed(scene)
      }
    },
  },
  {
    title: 'G4 the caller’s own error is the driver’s, not ours',
    async run(scene) {
      const error = await rejection(
        scene.via((asked) => asked.refuse()),
        SWALLOWED,
      )
      expect(error, 'G4 what the caller got').not.toBeInstanceOf(TourniquetError)
      await expectStayed(scene)
    },
  },
]
