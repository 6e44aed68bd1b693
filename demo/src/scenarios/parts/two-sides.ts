import type { Scenario, Side, Stage } from '../../scenario.ts'
import { faultsOf } from './faults.ts'
import { type Provider, type StartServer, startProviders, stopProviders } from './providers.ts'

const NAMES = ['A', 'B', 'C']
/** How long a provider takes to answer: so that some calls are in flight whenever a fault strikes. */
const WORK_MS = [3, 6, 9, 12, 20]

/** One kind of server, and how to call it. */
export interface Kind {
  readonly name: string
  readonly description: string
  readonly startServer: StartServer
  /** A `RoundRobin` over the networks of the providers, and how to make a call through it. */
  readonly sideOf: (providers: readonly Provider[], options: SideOptions) => Pick<Side, 'roundRobin' | 'call'>
}

export interface SideOptions extends ReturnType<typeof optionsFor> {
  readonly standby: boolean
}

/** Those that both sides have. */
const optionsFor = (dialMs: number) => ({
  heartbeatMs: 250,
  probeTimeoutMs: 150,
  connectTimeoutMs: dialMs + 500,
  drainMs: 1_000,
  backoff: { initialMs: 50, maxMs: 200 },
})

/**
 * Three providers of one kind, without and with standby side by side.
 *
 * @param dialMs - how long a connect takes, and so about what standby can save
 */
export function twoSides(kind: Kind, { dialMs = 40 }: { dialMs?: number } = {}): Scenario {
  return {
    name: kind.name,
    description: kind.description,
    introduction: [
      'Half of the callers use a plain one, half one with standby, which keeps the',
      'next provider connected, too. Each fault strikes both at the same moment.',
      `A connect takes ${dialMs} ms here, as TLS and a login across a network would.`,
    ],
    start: () => stageOf(kind, dialMs),
  }
}

/** How long a provider takes for the operation with that id. */
export function workMsOf(id: string): number {
  return WORK_MS[Number(id) % WORK_MS.length] ?? 0
}

async function stageOf({ startServer, sideOf }: Kind, dialMs: number): Promise<Stage> {
  const providers = await startProviders(NAMES, startServer, dialMs)
  const the = (name: string) => providers.get(name) as Provider
  const all = [...providers.values()]
  const options = optionsFor(dialMs)
  const side = (name: string, standby: boolean): Side => ({
    name,
    standby,
    ...sideOf(all, { ...options, standby }),
  })
  return {
    providers: NAMES,
    sides: [side('plain', false), side('standby', true)],
    faults: faultsOf(the, options.heartbeatMs + options.probeTimeoutMs),
    // A dial may be under way when the provider comes back, and a rest between two rounds after that.
    healsWithinMs: options.connectTimeoutMs + options.backoff.maxMs,
    executed: (name) => the(name).server.ledger(),
    connections: () => all.reduce((sum, { network }) => sum + network.open, 0),
    stop: () => stopProviders(providers),
  }
}
