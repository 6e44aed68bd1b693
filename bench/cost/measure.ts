import { environment } from '../report/environment.ts'
import type { Effort } from './compare.ts'
import type { Contender } from './contender.ts'
import { direct } from './contenders/direct.ts'
import { contenders, peers, versionOf } from './contenders.ts'
import { failedOverAlone, failedOverTogether } from './failed-over.ts'
import { heapOf } from './heap.ts'
import type { CostTable } from './measured.ts'
import { notFound } from './service.ts'
import { sizes } from './size.ts'
import { ticksMoreThan } from './ticks.ts'
import { timeOf } from './time.ts'

/** Measures all rows, one after the other. */
export async function measure(effort: Effort): Promise<CostTable> {
  for (const contender of [direct, ...contenders]) await check(contender)
  const rows = {
    ticks: await ticksMoreThan(direct, contenders),
    time: await timeOf('idle', direct, contenders, effort),
    bubbling: await timeOf('bubbling', direct, contenders, effort),
    heap: await heapOf(direct, contenders, effort), // now that everything is warm
    together: await failedOverTogether(effort),
    alone: await failedOverAlone(effort),
    size: await sizes(),
  }
  for (const contender of contenders) await contender.close?.()
  return {
    environment: environment(),
    rounds: effort.rounds,
    contenders: contenders.map((each) => ({
      name: each.name,
      how: each.how,
      ...(peers.includes(each) && { version: versionOf(each) }),
    })),
    rows,
  }
}

/** What does not do its job is quick, and no contender. */
async function check({ name, call, failing }: Contender): Promise<void> {
  if ((await call()) !== 7) throw new Error(`${name} does not hand on the result`)
  const error = await failing().catch((error: unknown) => error)
  if (error !== notFound) throw new Error(`${name} does not hand on the error`)
}
