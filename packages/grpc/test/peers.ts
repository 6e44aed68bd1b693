import { Channel, credentials, type ServiceConfig } from '@grpc/grpc-js'
import type { GrpcServer } from '@tourniquet/testkit'

type Servers = readonly Pick<GrpcServer, 'host' | 'port'>[]

/** What grpc-js does by itself with several addresses: `pick_first`. */
export function pickFirst(servers: Servers, options: object = {}): Channel {
  const addresses = servers.map(({ host, port }) => `${host}:${port}`)
  return new Channel(`ipv4:${addresses.join(',')}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  })
}

/** The same, with as many retries as it allows, as soon as it allows. */
export function pickFirstWithRetries(servers: Servers): Channel {
  const config: ServiceConfig = {
    loadBalancingConfig: [],
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          maxAttempts: 5,
          initialBackoff: '0.01s',
          maxBackoff: '0.05s',
          backoffMultiplier: 1,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
  }
  return pickFirst(servers, { 'grpc.service_config': JSON.stringify(config) })
}
