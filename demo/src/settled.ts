import { pause } from './pause.ts'

/** How long the last of what was begun has to end, in milliseconds. */
export const SETTLE_MS = 15_000

/** Whether a promise settles is what we are here to see: what has not by then counts as pending. */
export async function settledInTime(promise: Promise<unknown>): Promise<void> {
  const limit = new AbortController()
  await Promise.race([promise, pause(SETTLE_MS, limit.signal)])
  limit.abort()
}
