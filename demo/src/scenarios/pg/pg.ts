import { PgConnector, PgRoundRobin, type PgSource } from '@tourniquet/pg'
import type { ClientBase } from 'pg'
import type { Scenario, Side } from '../../scenario.ts'
import type { Provider } from '../parts/providers.ts'
import { type SideOptions, twoSides } from '../parts/two-sides.ts'
import { startLedgerServer } from './ledger-server.ts'

/** Transactions, and `run` for what is idempotent, on one pool for all servers, without and with standby. */
export const pg: Scenario = twoSides({
  name: 'pg',
  description: 'transactions on an ordinary pg.Pool, with three PostgreSQL servers',
  startServer: startLedgerServer,
  sideOf,
})

class NamingConnector extends PgConnector {
  readonly #names: ReadonlyMap<string, string>

  constructor(names: ReadonlyMap<string, string>) {
    super()
    this.#names = names
  }

  override id(source: PgSource): string {
    const address = super.id(source)
    return this.#names.get(address) ?? address
  }
}

function sideOf(providers: readonly Provider[], options: SideOptions): Pick<Side, 'roundRobin' | 'call'> {
  const names = new Map(providers.map(({ name, network }) => [`${network.host}:${network.port}`, name]))
  const sources = [...names.keys()].map((address) => `postgresql://postgres@${address}/postgres`)
  const roundRobin = new PgRoundRobin(sources, { ...options, connector: new NamingConnector(names) })
  return {
    roundRobin,
    async call(id, idempotent, onAttempt) {
      const execute = (client: ClientBase, { provider }: { provider: string }) => {
        onAttempt(provider)
        return client.query('insert into ledger values ($1)', [id])
      }
      if (idempotent) await roundRobin.run(execute, { idempotent })
      else await roundRobin.transaction(execute)
    },
  }
}
