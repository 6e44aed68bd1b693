import { type Figure, figureOf } from '../report/figure.ts'
import { compare, type Effort, type Look } from './compare.ts'
import type { Contender, Loop } from './contender.ts'
import type { Measured } from './measured.ts'

// Few enough that the young generation, which the command line sets to 16 MB, holds what all of them leave behind.
const CALLS = 1_000

/** What one call allocates, in bytes. */
function lookAt(loop: Loop): Look {
  return async () => {
    const before = process.memoryUsage().heapUsed
    await loop(CALLS)
    return (process.memoryUsage().heapUsed - before) / CALLS
  }
}

/** How much more an idle call allocates than one of `base`. They must be warm: the compiler's own would count too. */
export async function heapOf(base: Contender, contenders: readonly Contender[], effort: Effort): Promise<Measured> {
  const looks = new Map(contenders.map(({ name, idle }) => [name, lookAt(idle)]))
  const pairs = await compare(lookAt(base.idle), looks, { ...effort, looks: 1 })
  const figures: Record<string, Figure> = {}
  for (const [name, each] of pairs) figures[name] = figureOf(each.map((pair) => pair.value - pair.base))
  return { figures }
}
