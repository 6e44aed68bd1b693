import type { LedgerServer } from '../parts/providers.ts'
import { startRedisLedger } from '../parts/redis-ledger.ts'

export const LEDGER = 'ledger'

/** A Redis whose ledger is a list. */
export function startLedgerServer({ name }: { name: string }): Promise<LedgerServer> {
  return startRedisLedger(name, ['LRANGE', LEDGER, '0', '-1'])
}
