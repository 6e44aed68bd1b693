// Random scenarios, checked against a model of the contract after every step. All rules hold in all of them; each
// property below makes one kind of trouble likely, and its title names the guarantees that are at stake there.
//
// A failure prints its seed and path, and the shortest scenario that fails, with a journal of what the fakes saw.
// Replay it:   TOURNIQUET_SEED=<seed>/<path> npx vitest run --project core src/property -t '<title>'
// Run longer:  TOURNIQUET_SEED=random TOURNIQUET_RUNS=100000 npx vitest run --project core src/property
// Without a seed the scenarios are always the same ones, so that a change is all that can make a green test red; the long
// run (`npm run test:long`) has new ones each time.
//
// `property/plan.ts` is what a scenario is made of, `network.ts` and `operation.ts` the fake providers, `stage.ts` and
// `changes.ts` the callers and operators, `*-model.ts` what the engine should be doing, `*-rules.ts` what must hold, and
// `observe.ts` where the contract leaves a choice: the one that was seen is compared with what is allowed.

import fc from 'fast-check'
import { describe, test } from 'vitest'
import { type Focus, scenario } from './property/arbitraries.ts'
import { play } from './property/play.ts'
import { parameters } from './property/replay.ts'

/** @param share - of all scenarios, by how much the property finds */
function property(title: string, share: number, focus: Focus): void {
  test(title, async () => {
    await fc.assert(fc.asyncProperty(scenario(focus), play), parameters(share))
  }, 3_600_000)
}

describe('whatever providers and callers do', () => {
  property('G1 G2 G3 G14 runs stay with one provider, and move to the next only when it is to blame', 0.15, {
    limits: false,
  })
  property('G4 G6 an error that is the caller’s comes back, and nothing is sent twice by surprise', 0.1, {
    operations: ['ok', 'caller', 'unjudged', 'throw', 'next', 'unsure', 'suspect', 'die'],
    dials: ['open'],
  })
  property('G5 G7 every run settles in its time, and leaves nothing behind', 0.15, {
    operations: ['ok', 'hang', 'heed', 'frozen', 'suspect', 'unsure'],
    steps: { abort: 3 },
  })
  property('G8 exhaustion names each attempt, and heals', 0.1, {
    operations: ['ok', 'next', 'unsure'],
    dials: ['open', 'refuse', 'throw', 'hang', 'lost', 'caller'],
    steps: { lose: 1 },
  })
  property('G12 G14 a provider that flaps is left to cool, in order', 0.1, {
    operations: ['ok', 'next', 'die'],
    dials: ['open', 'open', 'refuse', 'throw'],
    cooldownMs: [10, 30, 100, 1000],
  })
  property('G2 G7 G14 an operator moves on and changes the list at any time', 0.2, {
    steps: { failover: 5, setSources: 4, lose: 3, abort: 1 },
  })
  property('G2 G7 G14 a slow dial is hedged, and whoever is up first is used', 0.1, {
    spare: ['hedge'],
    dials: ['open', 'open', 'refuse', 'caller', 'throw', 'hang', 'deaf', 'lost'],
    steps: { abort: 1 },
  })
  property('G2 G7 G9 G10 G14 a standby is kept, and used at once', 0.1, { spare: ['standby'], steps: { lose: 4 } })
  property('G12 G14 failback goes to an earlier provider once it has proved itself', 0.1, {
    spare: ['failback'],
    cooldownMs: [0, 0, 10, 30],
    steps: { wait: 12, lose: 3, failover: 1, setSources: 1 },
  })
  property('G1 G2 G3 G4 G5 G6 G7 G8 G12 G14 everything at once with a spare', 0.15, {
    spare: ['hedge', 'standby', 'failback'],
    steps: { abort: 1, failover: 2, setSources: 2, close: 1 },
  })
  property('G1 G2 G3 G4 G5 G6 G7 G8 G12 G14 everything at once, and a close at any time', 0.2, {
    steps: { abort: 1, failover: 2, setSources: 2, close: 2 },
  })
})
