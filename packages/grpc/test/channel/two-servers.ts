import { type Channel, credentials } from '@grpc/grpc-js'
import { type FaultProxy, startProxy } from '@tourniquet/testkit'
import { type GrpcOptions, GrpcRoundRobin } from '../../src/index.ts'
import { type Handlers, serve } from './local-server.ts'

export interface TwoServers extends AsyncDisposable {
  readonly rr: GrpcRoundRobin
  readonly channel: Channel
  readonly proxyA: FaultProxy
  readonly proxyB: FaultProxy
}

/** Two servers, each behind a fault proxy, and a channel over both. Nothing is idempotent unless it is said. */
export async function twoServers(a: Handlers, b: Handlers, options: Partial<GrpcOptions> = {}): Promise<TwoServers> {
  const servers = [await serve(a), await serve(b)] as const
  const [proxyA, proxyB] = [await startProxy(servers[0]), await startProxy(servers[1])]
  const sources = [proxyA, proxyB].map(({ host, port }) => `${host}:${port}`)
  const rr = new GrpcRoundRobin(sources, { credentials: credentials.createInsecure(), ...options })
  return {
    rr,
    channel: rr.channel(),
    proxyA,
    proxyB,
    async [Symbol.asyncDispose]() {
      await rr.close({ drainMs: 0 })
      for (const each of [proxyA, proxyB, ...servers]) await each[Symbol.asyncDispose]()
    },
  }
}
