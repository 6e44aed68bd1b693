import { type Figure, figureOf } from '../report/figure.ts'
import { compare, type Effort, type Look } from './compare.ts'
import type { Contender, Loop } from './contender.ts'
import type { Measured } from './measured.ts'

const NS_PER_MS = 1e6
// By then everything is compiled as well as it will be, also where the compiler had to wait for its turn.
const WARM_UP_MS = 100
const WARM_UP_CALLS = 10_000
const BATCH = 50

/** How long one call takes in this loop, in nanoseconds. */
async function nsPerCall(loop: Loop, calls: number): Promise<number> {
  const startedAt = performance.now()
  await loop(calls)
  return ((performance.now() - startedAt) * NS_PER_MS) / calls
}

/** A look at `loop`: as many calls as take about `lookMs`, once it is warm. */
async function lookAt(loop: Loop, { lookMs }: Effort): Promise<Look> {
  const until = performance.now() + WARM_UP_MS
  let least = Number.POSITIVE_INFINITY
  for (let calls = 0; calls < WARM_UP_CALLS || performance.now() < until; calls += BATCH) {
    least = Math.min(least, await nsPerCall(loop, BATCH))
  }
  const calls = Math.max(10, Math.round((lookMs * NS_PER_MS) / least))
  return () => nsPerCall(loop, calls)
}

/** How much longer calls of one kind take than those of `base`. */
export async function timeOf(
  kind: 'idle' | 'bubbling',
  base: Contender,
  contenders: readonly Contender[],
  effort: Effort,
): Promise<Measured> {
  const baseLook = await lookAt(base[kind], effort)
  const looks = new Map<string, Look>()
  for (const contender of contenders) looks.set(contender.name, await lookAt(contender[kind], effort))
  return ratiosOf(await compare(baseLook, looks, effort))
}

/** The pairs as ratios, and what the base took. */
export function ratiosOf(pairs: Awaited<ReturnType<typeof compare>>): Measured {
  const figures: Record<string, Figure> = {}
  for (const [name, each] of pairs) figures[name] = figureOf(each.map(({ base, value }) => value / base))
  const baseNs = figureOf([...pairs.values()].flat().map(({ base }) => base)).median
  return { figures, baseNs }
}
