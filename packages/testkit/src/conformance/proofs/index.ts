import type { Proof } from '../scene.ts'
import { affinity } from './affinity.ts'
import { bubble } from './bubble.ts'
import { coolDown } from './cool-down.ts'
import { demotion } from './demotion.ts'
import { exhaustion } from './exhaustion.ts'
import { frozen } from './frozen.ts'
import { generations } from './generations.ts'
import { idleLoss } from './idle-loss.ts'
import { neverTwice } from './never-twice.ts'
import { noLeak } from './no-leak.ts'
import { order } from './order.ts'
import { settles } from './settles.ts'
import { singleFlight } from './single-flight.ts'
import { spare } from './spare.ts'
import { sticky } from './sticky.ts'

/** All tests of the suite, in the order of the guarantees that they prove. */
export const proofs: readonly Proof[] = [
  ...sticky,
  ...singleFlight,
  ...generations,
  ...bubble,
  ...settles,
  ...neverTwice,
  ...noLeak,
  ...exhaustion,
  ...frozen,
  ...idleLoss,
  ...demotion,
  ...coolDown,
  ...affinity,
  ...order,
  ...spare,
]
