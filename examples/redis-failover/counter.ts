// An ordinary counter in Redis. It takes a client of ioredis, and knows nothing of several servers.
import type { Redis } from 'ioredis'

export interface Visit {
  /** Of this page, this one included. */
  readonly count: number
  /** Whether a replica has it too, so that it is there whatever happens to the primary. */
  readonly isSafe: boolean
}

const REPLICAS = 1
const WAIT_MS = 20

/**
 * Counts a visit of a page. Replication is asynchronous: a primary that is killed right after its answer takes the visit
 * with it, and no client could know. WAIT on the same connection says whether a replica has all that came before it.
 */
export async function countVisit(redis: Redis, page: string): Promise<Visit> {
  const results = await redis.pipeline().incr(page).wait(REPLICAS, WAIT_MS).exec()
  const [[failed, count] = [], [, replicas] = []] = results ?? []
  if (failed) throw failed
  return { count: Number(count), isSafe: Number(replicas ?? 0) >= REPLICAS }
}
