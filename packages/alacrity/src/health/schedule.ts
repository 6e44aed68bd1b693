import type { ServerCheck } from '../config/model.ts'
import type { CheckTarget } from './contract.ts'

/** A proxy's time-outs, as far as checks heed them; not set: none. */
export interface CheckTimeouts {
  /** `timeout connect`. */
  readonly connectMs?: number
  /** `timeout check`. */
  readonly checkMs?: number
}

/**
 * How long a check may take. With `timeout check`: that long for the answer, and for the connection `timeout connect`,
 * but never longer than `inter`. Without: `inter` for everything.
 */
export function timeoutsOf(
  { interMs }: ServerCheck,
  { connectMs = interMs, checkMs }: CheckTimeouts,
): { connectTimeoutMs: number; answerTimeoutMs?: number } {
  if (checkMs === undefined) return { connectTimeoutMs: interMs }
  return { connectTimeoutMs: Math.min(connectMs, interMs), answerTimeoutMs: checkMs }
}

/** Where the check of a server goes: `addr` and `port` may lead elsewhere. */
export function checkTargetOf(server: CheckTarget, { host, port }: ServerCheck): CheckTarget {
  if ('path' in server) return host !== undefined && port !== undefined ? { host, port } : server
  return { host: host ?? server.host, port: port ?? server.port }
}

/** By chance so many percent sooner or later: `spread-checks`. */
export function spread(ms: number, percent: number, random: () => number): number {
  const share = (ms * percent) / 100
  return Math.max(0, ms + share - 2 * share * random())
}

const slow = 1_000

/**
 * When the first checks of several servers are due, in milliseconds from now: one after the other within an interval,
 * so that they do not all come at once. Those that are checked more often than every second do not draw others nearer.
 *
 * @param intervals how often each is checked at first
 */
export function firstDelays(intervals: readonly number[]): number[] {
  const shortest = Math.min(...intervals.filter((ms) => ms >= slow), Number.POSITIVE_INFINITY)
  return intervals.map((ms, index) => {
    const within = Number.isFinite(shortest) && shortest >= ms ? shortest : ms
    return Math.floor((index * within) / intervals.length)
  })
}
