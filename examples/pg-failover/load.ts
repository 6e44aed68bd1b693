// Clerks who transfer money one after the other, and what they were told.
import { setTimeout as sleep } from 'node:timers/promises'
import { OutcomeUnknownError, TourniquetError } from '@tourniquet/core'
import type { PgRoundRobin } from '@tourniquet/pg'
import { NAMES, transfer } from './accounts.ts'

/** The ids of transfers, by what their clerks were told. */
export interface Told {
  readonly acknowledged: string[]
  /** COMMIT was sent and not answered, says the error: only the journal can tell. */
  readonly unknown: string[]
  /** Not committed, says the error. */
  readonly notApplied: string[]
}

const CLERKS = 8
const REST_MS = 5

/** Resolves when `signal` has aborted and all transfers have settled. */
export async function load(rr: PgRoundRobin, told: Told, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: CLERKS }, (_, clerk) => work(clerk)))

  async function work(clerk: number): Promise<void> {
    for (let count = 1; !signal.aborted; count++) {
      await one(`${clerk}-${count}`)
      await sleep(REST_MS * Math.random())
    }
  }

  async function one(id: string): Promise<void> {
    const [from, to] = shuffled(NAMES) as [string, string]
    try {
      await rr.transaction((client) => transfer(client, { id, from, to, amount: 1 }))
      told.acknowledged.push(id)
    } catch (error) {
      if (error instanceof OutcomeUnknownError) told.unknown.push(id)
      else if (error instanceof TourniquetError && error.outcome === 'not-applied') told.notApplied.push(id)
      else throw error
    }
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((each) => ({ each, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
}
