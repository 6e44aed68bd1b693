import { type Connector, type Options, RoundRobin } from '@tourniquet/core'
import { type LineClient, lineConnector } from '@tourniquet/testkit'
import type { Scenario, Side, Stage } from '../../scenario.ts'
import { faultsOf } from './faults.ts'
import { type Provider, type Providers, startProviders, stopProviders } from './providers.ts'

const NAMES = ['A', 'B', 'C']
/** How long a provider takes to answer: so that some calls are in flight whenever a fault strikes. */
const WORK_MS = [3, 6, 9, 12, 20]

/** Those that both sides have. */
const optionsFor = (dialMs: number) => ({
  heartbeatMs: 250,
  probeTimeoutMs: 150,
  connectTimeoutMs: dialMs + 500,
  drainMs: 1_000,
  backoff: { initialMs: 50, maxMs: 200 },
})

/** The engine alone, without and with standby. Its line servers do nothing but execute ids and keep a ledger of them. */
export const core: Scenario = coreWith({ dialMs: 40 })

/** @param dialMs - how long a connect takes, and so about what standby can save */
export function coreWith({ dialMs }: { dialMs: number }): Scenario {
  return {
    name: 'core',
    description: 'the engine, with three TCP servers',
    introduction: [
      'Half of the callers use a plain one, half one with standby, which keeps the',
      'next provider connected, too. Each fault strikes both at the same moment.',
      `A connect takes ${dialMs} ms here, as TLS and a login across a network would.`,
    ],
    start: async () => stageOf(await startProviders(NAMES, dialMs), optionsFor(dialMs)),
  }
}

function stageOf(providers: Providers, options: ReturnType<typeof optionsFor>): Stage {
  const the = (name: string) => providers.get(name) as Provider
  return {
    providers: NAMES,
    sides: [
      sideOf(providers, { ...options, name: 'plain', standby: false }),
      sideOf(providers, { ...options, name: 'standby', standby: true }),
    ],
    faults: faultsOf(the, options.heartbeatMs + options.probeTimeoutMs),
    // A dial may be under way when the provider comes back, and a rest between two rounds after that.
    healsWithinMs: options.connectTimeoutMs + options.backoff.maxMs,
    executed: (name) => the(name).server.ledger(),
    connections: () => [...providers.values()].reduce((sum, { network }) => sum + network.open, 0),
    stop: () => stopProviders(providers),
  }
}

function sideOf(providers: Providers, options: Options & { name: string; standby: boolean }): Side {
  const names = new Map([...providers].map(([provider, { network }]) => [network.url, provider]))
  const connector: Connector<string, LineClient> = { ...lineConnector(), id: (url) => names.get(url) ?? url }
  const roundRobin = new RoundRobin([...names.keys()], connector, options)
  return {
    name: options.name,
    standby: options.standby,
    roundRobin,
    async call(id, idempotent, onAttempt) {
      const workMs = WORK_MS[Number(id) % WORK_MS.length]
      await roundRobin.run(
        (client, { provider }) => {
          onAttempt(provider)
          return client.request(`EXEC ${id} ${workMs}`)
        },
        { idempotent },
      )
    },
  }
}
