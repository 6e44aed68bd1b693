import { LineClient, startLineServer, startProxy } from '../src/index.ts'

/** Uses one of everything, leaves work under way, and closes it all. */
export async function useEverything(): Promise<void> {
  const server = await startLineServer()
  const proxy = await startProxy(server.url)
  const client = await LineClient.connect(proxy)
  const idle = await LineClient.connect(server)
  await proxy.delay(600_000)
  const pending = client.request('HANG').catch(() => {})
  await Promise.all([client.close(), idle.close()])
  await pending
  await proxy.close()
  await server.freeze()
  await server[Symbol.asyncDispose]()
}
