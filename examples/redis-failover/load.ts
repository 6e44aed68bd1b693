// Visitors who come one after the other, and what they were told.
import { setTimeout as sleep } from 'node:timers/promises'
import { OutcomeUnknownError, TourniquetError } from '@tourniquet/core'
import type { Redis } from 'ioredis'
import { countVisit } from './counter.ts'

/** What the visitors of one page were told. */
export interface Tally {
  readonly page: string
  /** The number of each visit that was acknowledged, and that a replica has too. */
  readonly acknowledged: number[]
  /** Acknowledged by a primary whose replica had not confirmed it: lost if that primary was. */
  unconfirmed: number
  /** Sent and not answered, says the error: only the counter can tell. */
  unknown: number
  /** Not counted, says the error. */
  notApplied: number
}

export const PAGES = ['home', 'prices', 'news', 'about']
const VISITORS_PER_PAGE = 5
const REST_MS = 5

/** Resolves when `signal` has aborted and all visits have settled. */
export async function load(redis: Redis, tallies: readonly Tally[], signal: AbortSignal): Promise<void> {
  const visitors = tallies.flatMap((tally) => Array.from({ length: VISITORS_PER_PAGE }, () => visitor(tally)))
  await Promise.all(visitors)

  async function visitor(tally: Tally): Promise<void> {
    while (!signal.aborted) {
      await visit(tally)
      await sleep(REST_MS * Math.random())
    }
  }

  async function visit(tally: Tally): Promise<void> {
    try {
      const { count, isSafe } = await countVisit(redis, tally.page)
      if (isSafe) tally.acknowledged.push(count)
      else tally.unconfirmed += 1
    } catch (error) {
      if (error instanceof OutcomeUnknownError) tally.unknown += 1
      else if (error instanceof TourniquetError && error.outcome === 'not-applied') tally.notApplied += 1
      else throw error
    }
  }
}
