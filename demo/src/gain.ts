import type { Recovery } from './recovery.ts'
import type { SideSummary } from './side-summary.ts'
import { percentile } from './statistics.ts'

/**
 * What standby gained: how many times as fast calls succeeded again, from when the engine knew of a fault. How long it
 * takes to know is the same with and without standby, but for chance.
 */
export interface Gain {
  /** One for each fault. */
  readonly ratios: readonly number[]
  readonly median: number
}

type Part = Pick<SideSummary, 'standby' | 'recovery'>

/** Undefined unless there is a side without and one with standby, and a fault that both got over. */
export function gainOf(sides: readonly Part[]): Gain | undefined {
  const without = sides.find(({ standby }) => !standby)
  const withIt = sides.find(({ standby }) => standby)
  if (!without || !withIt) return undefined
  const ratios = without.recovery.faults
    .map((fault, at) => ratioOf(fault, withIt.recovery.faults[at]))
    .filter((ratio) => ratio !== undefined)
  return ratios.length > 0 ? { ratios, median: percentile(ratios, 0.5) } : undefined
}

/** To a tenth. */
function ratioOf(without: Recovery, withIt: Recovery | undefined): number | undefined {
  const [ms, thanMs] = [without, withIt].map((recovery) => sinceKnown(recovery))
  if (ms === undefined || thanMs === undefined) return undefined
  return Math.round((10 * ms) / Math.max(1, thanMs)) / 10
}

function sinceKnown(recovery: Recovery | undefined): number | undefined {
  return recovery?.ms === undefined ? undefined : recovery.ms - (recovery.knownMs ?? 0)
}
