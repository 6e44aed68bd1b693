import type { Deadline } from '@grpc/grpc-js'

export function earliest(one: Deadline, other: Deadline): Deadline {
  return Number(one) < Number(other) ? one : other
}

/** In milliseconds, for a timer: one that is too far away for that never comes. */
export function untilDeadline(deadline: Deadline): number {
  const ms = Number(deadline) - Date.now()
  return ms >= 2 ** 31 ? Number.POSITIVE_INFINITY : Math.max(0, ms)
}
