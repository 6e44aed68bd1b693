import { type Connector, RoundRobin } from '@tourniquet/core'
import { type LineClient, lineConnector, startLineServer } from '@tourniquet/testkit'
import type { Scenario, Side } from '../../scenario.ts'
import type { Provider } from '../parts/providers.ts'
import { type SideOptions, twoSides, workMsOf } from '../parts/two-sides.ts'

/** The engine alone, without and with standby. Its line servers do nothing but execute ids and keep a ledger of them. */
export const core: Scenario = coreWith()

/** @param options - see `twoSides` */
export function coreWith(options?: { dialMs: number }): Scenario {
  const kind = {
    name: 'core',
    description: 'the engine, with three TCP servers',
    startServer: startLineServer,
    sideOf,
  }
  return twoSides(kind, options)
}

function sideOf(providers: readonly Provider[], options: SideOptions): Pick<Side, 'roundRobin' | 'call'> {
  const names = new Map(providers.map(({ name, network }) => [network.url, name]))
  const connector: Connector<string, LineClient> = { ...lineConnector(), id: (url) => names.get(url) ?? url }
  const roundRobin = new RoundRobin([...names.keys()], connector, options)
  return {
    roundRobin,
    async call(id, idempotent, onAttempt) {
      await roundRobin.run(
        (client, { provider }) => {
          onAttempt(provider)
          return client.request(`EXEC ${id} ${workMsOf(id)}`)
        },
        { idempotent },
      )
    },
  }
}
