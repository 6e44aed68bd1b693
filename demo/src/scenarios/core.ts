import { type Connector, RoundRobin } from '@tourniquet/core'
import {
  type FaultProxy,
  type LineClient,
  type LineServer,
  lineConnector,
  startLineServer,
  startProxy,
} from '@tourniquet/testkit'
import type { Fault, Scenario, Stage } from '../scenario.ts'

const NAMES = ['A', 'B', 'C']
/** How long a provider takes to answer: so that some calls are in flight whenever a fault strikes. */
const WORK_MS = [3, 6, 9, 12, 20]

const options = {
  name: 'demo',
  heartbeatMs: 250,
  probeTimeoutMs: 150,
  connectTimeoutMs: 500,
  drainMs: 1_000,
  backoff: { initialMs: 50, maxMs: 200 },
}

/** A server in a process of its own, and the network between it and us. */
interface Provider {
  readonly server: LineServer
  readonly network: FaultProxy
}

/** The engine alone: line servers, which do nothing but execute ids and keep a ledger of them. */
export const core: Scenario = {
  name: 'core',
  description: 'the engine, with three TCP servers',
  async start() {
    const providers = new Map<string, Provider>()
    try {
      for (const name of NAMES) providers.set(name, await startProvider(name))
    } catch (error) {
      await stopAll(providers)
      throw error
    }
    return stageOf(providers)
  },
}

async function startProvider(name: string): Promise<Provider> {
  const server = await startLineServer({ name })
  return { server, network: await startProxy(server.url) }
}

async function stopAll(providers: ReadonlyMap<string, Provider>): Promise<void> {
  await Promise.all(
    [...providers.values()].map(async ({ server, network }) => {
      await network.close()
      await server[Symbol.asyncDispose]()
    }),
  )
}

function stageOf(providers: ReadonlyMap<string, Provider>): Stage {
  const the = (name: string) => providers.get(name) as Provider
  const names = new Map([...providers].map(([name, { network }]) => [network.url, name]))
  const connector: Connector<string, LineClient> = { ...lineConnector(), id: (url) => names.get(url) ?? url }
  const roundRobin = new RoundRobin([...names.keys()], connector, options)
  return {
    providers: NAMES,
    roundRobin,
    faults: faultsOf(the),
    // A dial may be under way when the provider comes back, and a rest between two rounds after that.
    healsWithinMs: options.connectTimeoutMs + options.backoff.maxMs,
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
    executed: (name) => the(name).server.ledger(),
    connections: () => [...providers.values()].reduce((sum, { network }) => sum + network.open, 0),
    stop: () => stopAll(providers),
  }
}

function faultsOf(the: (name: string) => Provider): readonly Fault[] {
  const ms = options.heartbeatMs + options.probeTimeoutMs
  const foundByHeartbeat = { promise: 'G9', what: 'left within', ms }
  return [
    {
      name: 'kill',
      state: 'killed',
      mark: 'K',
      meaning: 'its process is gone (SIGKILL)',
      undone: 'is started again',
      strike: (name) => the(name).server.kill(),
      lift: (name) => the(name).server.restart(),
    },
    {
      name: 'freeze',
      state: 'frozen',
      mark: 'F',
      meaning: 'connected, but answers nothing (SIGSTOP)',
      undone: 'is thawed',
      limit: foundByHeartbeat,
      strike: (name) => the(name).server.freeze(),
      lift: (name) => the(name).server.thaw(),
    },
    {
      name: 'cut off',
      state: 'cut off',
      mark: 'C',
      meaning: 'the network swallows every byte to and from it',
      undone: 'has its network back',
      limit: foundByHeartbeat,
      strike: (name) => the(name).network.freeze(),
      lift: (name) => the(name).network.pass(),
    },
    {
      name: 'reset',
      state: 'reset',
      mark: 'R',
      meaning: 'the network resets every connection to it',
      undone: 'has its network back',
      strike: (name) => the(name).network.reset(),
      lift: (name) => the(name).network.pass(),
    },
  ]
}
