import { type FaultProxy, type LineServer, startLineServer, startProxy } from '@tourniquet/testkit'

/** A server in a process of its own, and the network between it and us. */
export interface Provider {
  readonly server: LineServer
  readonly network: FaultProxy
  /** Nothing is wrong with the network: all passes, but a connect takes its time. */
  mend(): Promise<void>
}

export type Providers = ReadonlyMap<string, Provider>

/** @param dialMs - how long a connect takes: on the loopback alone it would take next to nothing */
export async function startProviders(names: readonly string[], dialMs: number): Promise<Providers> {
  const providers = new Map<string, Provider>()
  try {
    for (const name of names) providers.set(name, await startProvider(name, dialMs))
  } catch (error) {
    await stopProviders(providers)
    throw error
  }
  return providers
}

async function startProvider(name: string, dialMs: number): Promise<Provider> {
  const server = await startLineServer({ name })
  const network = await startProxy(server.url)
  const mend = () => network.delayDial(dialMs)
  await mend()
  return { server, network, mend }
}

export async function stopProviders(providers: Providers): Promise<void> {
  await Promise.all(
    [...providers.values()].map(async ({ server, network }) => {
      await network.close()
      await server[Symbol.asyncDispose]()
    }),
  )
}
