import { isDeepStrictEqual } from 'node:util'
import { waitFor } from '@tourniquet/testkit'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Stage, type StageOptions, startStage } from './stage.ts'

/** What both did, for `expect(alacrity).toEqual(haproxy)`. */
interface Outcomes<Outcome> {
  readonly haproxy: Outcome
  readonly alacrity: Outcome
}

/** HAProxy and alacrity with the same configuration, side by side. */
interface Pair {
  /** Plays the same to both, at the same time. */
  both<Outcome>(scenario: (stage: Stage) => Promise<Outcome>): Promise<Outcomes<Outcome>>
  /**
   * Expects all columns of all rows of a section to be the same that `differences.ts` does not name. Counters take a
   * moment: they may take 4 s.
   */
  sameRows(section: string): Promise<void>
}

/** A pair for all tests of a file. */
export function pairOfFile(options: StageOptions): Pair {
  let stages: readonly Stage[] = []
  beforeAll(async () => {
    stages = await Promise.all([startStage('haproxy', options), startStage('alacrity', options)])
  })
  afterAll(async () => {
    await Promise.all(stages.map((stage) => stage[Symbol.asyncDispose]()))
  })
  const both: Pair['both'] = async (scenario) => {
    const [haproxy, alacrity] = stages as [Stage, Stage]
    const [first, second] = await Promise.all([scenario(haproxy), scenario(alacrity)])
    return { haproxy: first, alacrity: second }
  }
  return {
    both,
    async sameRows(section) {
      const look = () => both((stage) => stage.rows(section))
      let seen = await look()
      const isSame = async () => {
        seen = await look()
        return isDeepStrictEqual(seen.haproxy, seen.alacrity)
      }
      // Not the same after all: the test shows where.
      await waitFor(isSame, { timeoutMs: 4_000, intervalMs: 50 }).catch(() => {})
      expect(seen.alacrity).toEqual(seen.haproxy)
    },
  }
}
