import { type Channel, credentials, status } from '@grpc/grpc-js'
import type { Options } from '@tourniquet/core'
import { type GrpcServer, startGrpcServer } from '@tourniquet/testkit'
import { GrpcConnector, GrpcRoundRobin } from '../src/index.ts'
import { ask, clientOn } from './provider-client.ts'

/** What the conformance suite and the ledger need of gRPC. */
export const grpc = {
  start: (name: string) => startGrpcServer({ name }),
  connector: () => new GrpcConnector({ credentials: credentials.createInsecure() }),
  source: ({ host, port }: { host: string; port: number }) => `${host}:${port}`,
  roundRobin: (sources: readonly string[], connector: GrpcConnector, options: Options) =>
    new GrpcRoundRobin(sources, { connector, ...options }),
  operations: {
    who: async (channel: Channel) => (await ask(clientOn(channel), 'who')).provider,
    write: (channel: Channel, id: string) => ask(clientOn(channel), 'exec', { text: id }),
    hang: (channel: Channel) => ask(clientOn(channel), 'hang'),
    refuse: (channel: Channel) => ask(clientOn(channel), 'fail', { number: status.NOT_FOUND, text: 'there is none' }),
  },
  reply: (id: string) => id,
  written: (server: GrpcServer) => server.ledger(),
  cannot: { G11: 'a gRPC server has no roles: what it may write is for its application to say' },
}

const channels = new WeakMap<GrpcRoundRobin, Channel>()

/** Runs an operation on `rr.channel()`. A client makes an error of its own of every status; ours is its cause. */
export function viaChannel(rr: GrpcRoundRobin, operation: (channel: Channel) => Promise<unknown>): Promise<unknown> {
  const channel = channels.get(rr) ?? rr.channel()
  channels.set(rr, channel)
  return operation(channel).catch((error) => Promise.reject(error.cause ?? error))
}
