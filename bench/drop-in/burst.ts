import { setTimeout as pause } from 'node:timers/promises'
import type { ChildServer } from '@tourniquet/testkit'
import type { DropIn, Way } from './drop-in.ts'
import type { Effort } from './sequential.ts'

const CALLS = 1_000
/** Until what was written has left this process. */
const SENT_MS = 200

/** For each way, the time from the kill to the last result in each round, in milliseconds; and whether all succeeded. */
export async function burst(subject: DropIn, { bursts }: Effort): Promise<{ times: number[][]; succeeded: number[] }> {
  const ways = subject.burst?.ways ?? []
  const times = ways.map((): number[] => [])
  const succeeded = ways.map(() => Number.POSITIVE_INFINITY)
  for (let round = -1; round < bursts; round++) {
    for (const at of ways.keys()) {
      const turn = (Math.max(round, 0) + at) % ways.length
      const result = await best(subject, ways[turn] as Way)
      if (round < 0) continue // it compiles everything
      times[turn]?.push(result.ms)
      succeeded[turn] = Math.min(succeeded[turn] as number, result.succeeded)
    }
  }
  return { times, succeeded }
}

/** The quicker of two: whatever else the machine does can only add to it. */
async function best(subject: DropIn, way: Way): Promise<{ ms: number; succeeded: number }> {
  const [one, other] = [await trial(subject, way), await trial(subject, way)]
  return { ms: Math.min(one.ms, other.ms), succeeded: Math.min(one.succeeded, other.succeeded) }
}

async function trial(
  { start, sequential, hasChildren = false }: DropIn,
  way: Way,
): Promise<{ ms: number; succeeded: number }> {
  const servers = await Promise.all([start('A'), start('B')])
  const [a, b] = servers
  const open = await way.open(servers)
  const [first] = sequential.ways
  try {
    await open.call()
    await warmUp(first, b, sequential.calls)
    await a.freeze() // so that all are in flight, and none is answered
    const calls = Array.from({ length: CALLS }, () => open.call())
    await pause(SENT_MS)
    const startedAt = performance.now()
    // `kill()` also looks for children, which takes time from what is measured.
    if (hasChildren) await a.kill()
    else process.kill(a.pid as number, 'SIGKILL')
    const ends = await Promise.allSettled(calls)
    const ms = performance.now() - startedAt
    await a.kill()
    return { ms, succeeded: ends.filter(({ status }) => status === 'fulfilled').length }
  } finally {
    await open.close()
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  }
}

/** A server that has other clients has its code compiled by then: else what is timed is its compiler. */
async function warmUp(way: Way | undefined, server: ChildServer, calls = CALLS): Promise<void> {
  if (!way) return
  const open = await way.open([server])
  await Promise.all(Array.from({ length: calls }, () => open.call()))
  await open.close()
}
