import { inspect } from 'node:util'
import { waitFor } from '../wait-for.ts'

/** How long what follows at once may take on a busy machine, in milliseconds. */
export const SOON_MS = 5000

/**
 * For how long a busy machine may stand still, in milliseconds: what is promised within a time must be there by three
 * times that, and this. It is less than what the suite's own limits are, so that a limit that does not hold still shows.
 */
export const STALL_MS = 3000

/** What a promise settles to, if that is in `ms` milliseconds; else throws `words`. */
export async function inTime<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} (waited ${ms} ms)`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** How a promise ended. */
export type End = { readonly value: unknown } | { readonly error: unknown }

/** How a promise ends; its rejection counts as handled from now on. */
export function endOf(promise: Promise<unknown>): Promise<End> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

/** The value it ended with; throws the error. */
export function orThrow(end: End): unknown {
  if ('error' in end) throw end.error
  return end.value
}

/** What a promise rejects with, if that is in `ms` milliseconds; throws `words` if it resolves, or does not settle. */
export async function rejection(promise: Promise<unknown>, words: string, ms: number = SOON_MS): Promise<unknown> {
  const end = await inTime(endOf(promise), ms, `${words}; it did not settle`)
  if ('error' in end) return end.error
  throw new Error(`${words}; it resolved to ${inspect(end.value)}`)
}

/** Waits until `condition` holds; throws `words` if it does not in `ms` milliseconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  words: string,
  ms: number = SOON_MS,
): Promise<void> {
  await waitFor(condition, { timeoutMs: ms }).catch(() => {
    throw new Error(`${words} (waited ${ms} ms)`)
  })
}

/** So many of what `make` makes. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** How long `work` took, in milliseconds, and its value. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const startedAt = performance.now()
  const value = await work()
  return { value, ms: performance.now() - startedAt }
}
