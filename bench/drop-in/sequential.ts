import type { DropIn, Open } from './drop-in.ts'

const CALLS = 200
const WARM_UP_CALLS = 2000

export interface Effort {
  readonly rounds: number
  readonly bursts: number
}

/** For each way, the median time of a call in each round, in milliseconds. */
export async function sequential(
  { start, sequential: { ways, calls = CALLS } }: DropIn,
  { rounds }: Effort,
): Promise<number[][]> {
  const server = await start('A')
  const open = await Promise.all(ways.map(async (way) => way.open([server])))
  try {
    // A call that does much by itself needs fewer.
    const warmUpBlocks = calls === CALLS ? WARM_UP_CALLS / CALLS : 1
    for (let block = 0; block < warmUpBlocks; block++) for (const each of open) await medianOf(each, calls)
    const times = ways.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      // Another one begins each time: who follows whom must make no difference.
      for (const at of ways.keys()) {
        const turn = (round + at) % ways.length
        times[turn]?.push(await medianOf(open[turn] as Open, calls))
      }
    }
    return times
  } finally {
    for (const each of open) await each.close()
    await server[Symbol.asyncDispose]()
  }
}

async function medianOf({ call, after }: Open, calls: number): Promise<number> {
  const times: number[] = []
  for (let made = 0; made < calls; made++) {
    const startedAt = performance.now()
    await call()
    times.push(performance.now() - startedAt)
    await after?.()
  }
  return times.sort((a, b) => a - b)[calls >> 1] as number
}
