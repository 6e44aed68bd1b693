import type { DropIn, Open } from './drop-in.ts'

const CALLS = 200
const WARM_UP_BLOCKS = 10

export interface Effort {
  readonly rounds: number
  readonly bursts: number
}

/** For each way, the median time of a call in each round, in milliseconds. */
export async function sequential({ start, sequential: { ways } }: DropIn, { rounds }: Effort): Promise<number[][]> {
  const server = await start('A')
  const open = await Promise.all(ways.map(async (way) => way.open([server])))
  try {
    for (let block = 0; block < WARM_UP_BLOCKS; block++) for (const each of open) await medianOf(each)
    const times = ways.map((): number[] => [])
    for (let round = 0; round < rounds; round++) {
      // Another one begins each time: who follows whom must make no difference.
      for (const at of ways.keys()) {
        const turn = (round + at) % ways.length
        times[turn]?.push(await medianOf(open[turn] as Open))
      }
    }
    return times
  } finally {
    for (const each of open) await each.close()
    await server[Symbol.asyncDispose]()
  }
}

async function medianOf({ call }: Open): Promise<number> {
  const times: number[] = []
  for (let calls = 0; calls < CALLS; calls++) {
    const startedAt = performance.now()
    await call()
    times.push(performance.now() - startedAt)
  }
  return times.sort((a, b) => a - b)[CALLS >> 1] as number
}
