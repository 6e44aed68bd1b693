import { Channel, Client, credentials, type ServiceConfig } from '@grpc/grpc-js'
import { GrpcRoundRobin } from '@tourniquet/grpc'
import { type ChildServer, type GrpcServer, providerService, startGrpcServer } from '@tourniquet/testkit'
import type { DropIn, Open } from '../drop-in.ts'

const insecure = credentials.createInsecure()
const { path, requestSerialize, responseDeserialize } = providerService.Who
// Else two channels would share a connection.
const own = { 'grpc.use_local_subchannel_pool': 1 }

function callsOn(channel: Channel, close: () => unknown = () => channel.close()): Open {
  const client = new Client('', insecure, { channelOverride: channel })
  const call = () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error, reply) =>
        error ? reject(error) : resolve(reply),
      )
    })
  return { call, close }
}

function ours(servers: readonly ChildServer[], standby = false): GrpcRoundRobin {
  const targets = servers.map((server) => (server as GrpcServer).target)
  return new GrpcRoundRobin(targets, { credentials: insecure, idempotent: true, standby })
}

async function dropIn(servers: readonly ChildServer[], standby?: boolean): Promise<Open> {
  const rr = ours(servers, standby)
  await rr.connect()
  return callsOn(rr.channel(), () => rr.close({ drainMs: 0 }))
}

/** `rr.run`, with the plain channel that it hands out. */
function runs(servers: readonly ChildServer[]): Open {
  const rr = ours(servers)
  const clients = new WeakMap<Channel, Open>()
  const callOn = (channel: Channel) => {
    const client = clients.get(channel) ?? callsOn(channel)
    clients.set(channel, client)
    return client.call()
  }
  return { call: () => rr.run(callOn), close: () => rr.close({ drainMs: 0 }) }
}

function pickFirst(servers: readonly ChildServer[], options: object = {}): Open {
  const addresses = servers.map(({ host, port }) => `${host}:${port}`)
  return callsOn(new Channel(`ipv4:${addresses.join()}`, insecure, { ...own, ...options }))
}

/** A busy machine may be slower with A than pick_first waits, which goes to B then: once more, until it is with A. */
async function onA(open: () => Open): Promise<Open> {
  for (;;) {
    const peer = open()
    if (((await peer.call()) as { provider: string }).provider === 'A') return peer
    await peer.close()
  }
}

/** `pick_first`, which sends again what failed after a rest. */
function retrying(initialBackoff: string, maxBackoff: string): (servers: readonly ChildServer[]) => Promise<Open> {
  const retryPolicy: NonNullable<ServiceConfig['methodConfig'][number]['retryPolicy']> = {
    ...{ maxAttempts: 5, initialBackoff, maxBackoff, backoffMultiplier: 2 },
    retryableStatusCodes: ['UNAVAILABLE'],
  }
  const config: ServiceConfig = { loadBalancingConfig: [], methodConfig: [{ name: [{}], retryPolicy }] }
  return (servers) => onA(() => pickFirst(servers, { 'grpc.service_config': JSON.stringify(config) }))
}

const grpc: DropIn = {
  name: 'gRPC',
  start: (name) => startGrpcServer({ name }),
  sequential: {
    what: 'unary calls, one after the other',
    ways: [
      { name: 'plain channel', open: (servers) => pickFirst(servers) },
      { name: 'another plain channel', open: (servers) => pickFirst(servers) },
      { name: '`rr.run`', open: runs },
      { name: '`rr.channel()`', goal: 1.07, open: (servers) => dropIn(servers) },
    ],
  },
  burst: {
    what: '1,000 idempotent calls in flight, A killed: to the last result',
    ways: [
      { name: '`ipv4:A,B` (pick_first), retryPolicy of 10 ms', open: retrying('0.01s', '0.05s') },
      { name: 'the same, of 100 ms as in the guide of gRPC', open: retrying('0.1s', '1s') },
      { name: '`rr.channel()`', goal: 0.95, open: (servers) => dropIn(servers) },
      { name: '`rr.channel()`, `standby: true`', goal: 0.9, open: (servers) => dropIn(servers, true) },
    ],
  },
}

export default grpc
