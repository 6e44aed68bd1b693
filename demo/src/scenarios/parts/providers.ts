import { type ChildServer, type FaultProxy, startProxy } from '@tourniquet/testkit'

/** A server in a process of its own that keeps a ledger of the ids it executed: twice, if it did so twice. */
export interface LedgerServer extends ChildServer {
  ledger(): Promise<string[]>
}

export type StartServer = (options: { name: string }) => Promise<LedgerServer>

/** A server, and the network between it and us. */
export interface Provider {
  readonly name: string
  readonly server: LedgerServer
  readonly network: FaultProxy
  /** Nothing is wrong with the network: all passes, but a connect takes its time. */
  mend(): Promise<void>
}

export type Providers = ReadonlyMap<string, Provider>

/** @param dialMs - how long a connect takes: on the loopback alone it would take next to nothing */
export async function startProviders(
  names: readonly string[],
  startServer: StartServer,
  dialMs: number,
): Promise<Providers> {
  const providers = new Map<string, Provider>()
  try {
    for (const name of names) providers.set(name, await startProvider(await startServer({ name }), dialMs))
  } catch (error) {
    await stopProviders(providers)
    throw error
  }
  return providers
}

async function startProvider(server: LedgerServer, dialMs: number): Promise<Provider> {
  const network = await startProxy(server)
  const mend = () => network.delayDial(dialMs)
  await mend()
  return { name: server.name, server, network, mend }
}

export async function stopProviders(providers: Providers): Promise<void> {
  await Promise.all(
    [...providers.values()].map(async ({ server, network }) => {
      await network.close()
      await server[Symbol.asyncDispose]()
    }),
  )
}
