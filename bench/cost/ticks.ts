import { type Figure, figureOf } from '../report/figure.ts'
import type { Contender } from './contender.ts'
import type { Measured } from './measured.ts'

/** How many microtasks go by until a call has settled: the same number every time. */
async function ticksOf({ call }: Contender): Promise<number> {
  let isDone = false
  const settle = () => {
    isDone = true
  }
  void call().then(settle, settle)
  let ticks = 0
  for (; !isDone; ticks++) await Promise.resolve()
  return ticks
}

export async function ticksMoreThan(base: Contender, contenders: readonly Contender[]): Promise<Measured> {
  const direct = await ticksOf(base)
  const figures: Record<string, Figure> = {}
  for (const contender of contenders) figures[contender.name] = figureOf([(await ticksOf(contender)) - direct])
  return { figures }
}
