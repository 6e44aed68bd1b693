import type { Scenario } from '../scenario.ts'
import { core } from './core/core.ts'

/** All there are; the first is the default. */
export const scenarios: readonly Scenario[] = [core]
