import { type RedisServer, startRedis } from '@tourniquet/testkit'
import type { LedgerServer } from './providers.ts'

// A file of all writes, so that a server which is killed and started again still has its ledger. It need not be on the
// disk: a kill takes the process, not what the kernel holds.
const args = ['--appendonly', 'yes', '--appendfsync', 'no']

/**
 * A Redis that keeps a ledger.
 *
 * @param read - the command that is answered with its ids
 */
export async function startRedisLedger(name: string, read: readonly string[]): Promise<LedgerServer> {
  const server = await startRedis({ name, args })
  return Object.assign(server, { ledger: () => ledgerOf(server, read) })
}

/** Where it is down it is started for that: nobody calls it any more. */
async function ledgerOf(server: RedisServer, read: readonly string[]): Promise<string[]> {
  if (server.state === 'frozen') await server.thaw()
  if (server.state === 'stopped') await server.restart()
  const ids = await server.command(...read)
  return ids.split('\n').filter(Boolean)
}
