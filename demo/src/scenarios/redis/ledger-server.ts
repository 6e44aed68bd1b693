import { type RedisServer, startRedis } from '@tourniquet/testkit'
import type { LedgerServer } from '../parts/providers.ts'

export const LEDGER = 'ledger'

// A file of all writes, so that a server which is killed and started again still has its ledger. It need not be on the
// disk: a kill takes the process, not what the kernel holds.
const args = ['--appendonly', 'yes', '--appendfsync', 'no']

/** A Redis whose ledger is a list. */
export async function startLedgerServer({ name }: { name: string }): Promise<LedgerServer> {
  const server = await startRedis({ name, args })
  return Object.assign(server, { ledger: () => ledgerOf(server) })
}

/** Where it is down it is started for that: nobody calls it any more. */
async function ledgerOf(server: RedisServer): Promise<string[]> {
  if (server.state === 'frozen') await server.thaw()
  if (server.state === 'stopped') await server.restart()
  const ids = await server.command('LRANGE', LEDGER, '0', '-1')
  return ids.split('\n').filter(Boolean)
}
