import { describeConnector } from '@tourniquet/testkit/conformance'
import { redis, viaClient } from './kind.ts'

describeConnector({ ...redis, name: 'rr.run of RedisRoundRobin' })
describeConnector({
  ...redis,
  name: 'rr.client() of RedisRoundRobin',
  via: viaClient,
  connections: { most: 3, why: 'that of run, that which asks whether a provider is well, and that of the client' },
})
