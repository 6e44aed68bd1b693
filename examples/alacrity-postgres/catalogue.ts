// What a shop reads. Its code takes what node-postgres gives, and knows nothing of balancers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { PgRoundRobin } from '@tourniquet/pg'
import type { PostgresServer } from '@tourniquet/testkit'

export interface Tally {
  /** By the server that gave them. */
  readonly answers: Record<'A' | 'B' | 'C', number>
  readonly failures: unknown[]
}

const READERS = 6
const REST_MS = 2

/** The same on each server, but for its name: so that one sees who has answered. */
export async function fill(server: PostgresServer): Promise<void> {
  await server.query(`create table items as select n as id, '${server.name}' as server from generate_series(1, 1000) n`)
}

/** Resolves when `signal` has aborted and all reads have settled. */
export async function read(rr: PgRoundRobin, tally: Tally, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: READERS }, () => reader()))

  async function reader(): Promise<void> {
    for (let id = 1; !signal.aborted; id = (id % 1000) + 1) {
      try {
        // A read may be done again: what is lost with its server is sent to another one.
        const { rows } = await rr.query('select server from items where id = $1', [id], { idempotent: true })
        tally.answers[rows[0].server as keyof Tally['answers']] += 1
      } catch (error) {
        tally.failures.push(error)
      }
      await sleep(REST_MS)
    }
  }
}
