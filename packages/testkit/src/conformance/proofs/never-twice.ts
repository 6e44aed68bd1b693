import { OutcomeUnknownError } from '@tourniquet/core'
import { expect } from 'vitest'
import type { Proof, Scene } from '../scene.ts'
import { endOf, inTime, orThrow, rejection, SOON_MS, times } from '../words.ts'

/** How often A and B wrote it. */
async function written({ a, b }: Scene, id: string): Promise<number[]> {
  return [(await a.written())(id), (await b.written())(id)]
}

export const neverTwice: readonly Proof[] = [
  {
    title: 'G6 a reply lost after the operation was applied: applied once, and the outcome is unknown',
    async run(scene) {
      await scene.connect()
      const id = scene.id()
      await scene.loseReplyTo(id)
      const run = endOf(scene.via((asked) => asked.write(id)))
      await inTime(run, SOON_MS, 'G6 the reply to a write was lost, and the run did not settle')
      const words = `G6 how often A and B applied it, which is not idempotent; ${scene.witness.lastVerdict}`
      expect(await written(scene, id), words).toEqual([1, 0])
      const error = await rejection(
        run.then(orThrow),
        'G6 the reply to a write was lost, and the caller was not told; a service must not swallow errors',
      )
      expect(error, `G6 what the run rejects with; ${scene.witness.lastVerdict}`).toBeInstanceOf(OutcomeUnknownError)
      expect(error, 'G6 what the run rejects with').toMatchObject({ outcome: 'unknown' })
      expect(await scene.ask(), 'G6 who serves after A lost a connection').toBe(scene.asksFirst ? 'A' : 'B')
    },
  },
  {
    title: 'G6 an idempotent run whose reply was lost runs again',
    options: { idempotent: true },
    async run(scene) {
      await scene.connect()
      const id = scene.id()
      await scene.loseReplyTo(id)
      await scene.via((asked) => asked.write(id))
      expect(await written(scene, id), 'G6 how often A and B applied it').toEqual(scene.asksFirst ? [2, 0] : [1, 1])
    },
  },
  {
    title: 'G6 an operation that was never sent goes to the next provider, idempotent or not',
    async run(scene) {
      await scene.a.down()
      const id = scene.id()
      await scene.via((asked) => asked.write(id))
      expect(await written(scene, id), 'G6 how often A and B applied it').toEqual([0, 1])
    },
  },
  {
    title: 'G6 writes in flight when A is killed: none is lost or doubled, and what is not applied says so truly',
    async run(scene) {
      await scene.connect()
      const ids = times(20, () => scene.id())
      await scene.a.server.freeze()
      const ends = Promise.all(ids.map((id) => endOf(scene.via((asked) => asked.write(id)))))
      await scene.a.server.kill()
      const settled = await inTime(ends, SOON_MS, 'G6 writes in flight on A, which was killed')
      await scene.a.server.restart()
      const [onA, onB] = [await scene.a.written(), await scene.b.written()]
      for (const [at, end] of settled.entries()) {
        const count = onA(ids[at] as string) + onB(ids[at] as string)
        const outcome = 'value' in end ? 'acknowledged' : (end.error as { outcome?: string }).outcome
        const words = `G6 how often ${ids[at]} was applied, which ended as '${outcome}'`
        if (outcome === 'acknowledged') expect(count, words).toBe(1)
        else if (outcome === 'not-applied') expect(count, words).toBe(0)
        else expect(count, words).toBeLessThanOrEqual(1)
        expect(outcome, 'G6 every error of ours says an outcome').toMatch(/^(acknowledged|not-applied|unknown)$/)
      }
    },
  },
]
