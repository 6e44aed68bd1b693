import { describeLedger } from '@tourniquet/testkit/conformance'
import type { ClientBase } from 'pg'
import type { PgRoundRobin } from '../src/index.ts'
import { postgres, viaPool } from './kind.ts'

/**
 * A server that was read-only when it refused a write, and is not any more when it is asked, cannot be told from a
 * transaction that its caller has made read-only: the refusal is the caller's to see. It says itself that nothing was
 * applied, which the ledger holds against what was written.
 */
async function write(rr: PgRoundRobin, operation: (client: ClientBase) => Promise<unknown>): Promise<unknown> {
  try {
    return await viaPool(rr, operation)
  } catch (error) {
    const { code, outcome } = error as { code?: unknown; outcome?: unknown }
    if (code === '25006' && outcome === undefined) throw Object.assign(error as Error, { outcome: 'not-applied' })
    throw error
  }
}

describeLedger({ ...postgres, name: 'rr.pool() of PgRoundRobin', via: write }, { operations: 20_000, strikes: 50 })
