import { type PostgresServer, startPostgres } from '@tourniquet/testkit'
import type { LedgerServer } from '../parts/providers.ts'

/** A PostgreSQL whose ledger is a table. What it has committed is there after a kill. */
export async function startLedgerServer({ name }: { name: string }): Promise<LedgerServer> {
  const server = await startPostgres({ name })
  await server.query('create table ledger (id text)')
  return Object.assign(server, { ledger: () => ledgerOf(server) })
}

/** Where it is down it is started for that: nobody calls it any more. */
async function ledgerOf(server: PostgresServer): Promise<string[]> {
  if (server.state === 'frozen') await server.thaw()
  if (server.state === 'stopped') await server.restart()
  return (await server.query('select id from ledger')).map(([id]) => id as string)
}
