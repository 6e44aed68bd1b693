import { randomUUID } from 'node:crypto'
import { BullMQConnector, BullMQRoundRobin, type BullMQSource } from '@tourniquet/bullmq'
import type { Scenario, Side } from '../../scenario.ts'
import type { Provider } from '../parts/providers.ts'
import { type SideOptions, twoSides } from '../parts/two-sides.ts'
import { QUEUE, startLedgerServer } from './ledger-server.ts'

/** `rr.sendJob`, at most once and at least once, without and with standby. */
export const bullmq: Scenario = twoSides({
  name: 'bullmq',
  description: 'jobs of BullMQ, with three Redis servers',
  startServer: startLedgerServer,
  sideOf,
})

class NamingConnector extends BullMQConnector {
  readonly #names: ReadonlyMap<string, string>

  constructor(names: ReadonlyMap<string, string>) {
    super()
    this.#names = names
  }

  override id(source: BullMQSource): string {
    const address = super.id(source)
    return this.#names.get(address) ?? address
  }
}

function sideOf(providers: readonly Provider[], options: SideOptions): Pick<Side, 'roundRobin' | 'call'> {
  const names = new Map(providers.map(({ name, network }) => [`${network.host}:${network.port}`, name]))
  const sources = [...names.keys()].map((address) => `redis://${address}`)
  const roundRobin = new BullMQRoundRobin(sources, { ...options, connector: new NamingConnector(names) })
  return {
    roundRobin,
    async call(id, idempotent, onAttempt) {
      // An id of its own for each attempt: what is sent twice shall be seen twice, also by one server.
      const jobOptions = ({ provider }: { provider: string }) => {
        onAttempt(provider)
        return { jobId: randomUUID() }
      }
      await roundRobin.sendJob(QUEUE, 'call', { id }, jobOptions, { idempotent })
    },
  }
}
