import { Client, credentials } from '@grpc/grpc-js'
import { type FailoverStatus, GrpcRoundRobin } from '@tourniquet/grpc'
import { startGrpcServer } from '@tourniquet/testkit'
import type { Scenario, Side } from '../../scenario.ts'
import type { Provider } from '../parts/providers.ts'
import { type SideOptions, twoSides, workMsOf } from '../parts/two-sides.ts'
import { collect, execute, isIdempotent } from './operations.ts'
import { WitnessConnector } from './witness-connector.ts'

/** An ordinary client of grpc-js on a channel that fails over, without and with standby. */
export const grpc: Scenario = twoSides({
  name: 'grpc',
  description: 'an ordinary gRPC client, with three gRPC servers',
  startServer: startGrpcServer,
  sideOf,
})

function sideOf(providers: readonly Provider[], options: SideOptions): Pick<Side, 'roundRobin' | 'call'> {
  const names = new Map(providers.map(({ name, network }) => [`${network.host}:${network.port}`, name]))
  /** By id, whom to tell of each provider that the call is sent to. */
  const told = new Map<string, (provider: string) => void>()
  const connector = new WitnessConnector({
    credentials: credentials.createInsecure(),
    drainMs: options.drainMs,
    probeTimeoutMs: options.probeTimeoutMs,
    names,
    sent: (id, provider) => told.get(id)?.(provider),
  })
  const roundRobin = new GrpcRoundRobin([...names.keys()], { ...options, connector, idempotent: isIdempotent })
  const client = new Client('', credentials.createInsecure(), { channelOverride: roundRobin.channel() })
  return {
    roundRobin,
    async call(id, idempotent, onAttempt) {
      told.set(id, onAttempt)
      const operation = { id, workMs: workMsOf(id) }
      try {
        await (idempotent ? collect : execute)(client, operation)
      } catch (error) {
        // The client makes an error of its own of each status; that of the run is its cause.
        throw (error as Partial<FailoverStatus>).cause ?? error
      } finally {
        told.delete(id)
      }
    },
  }
}
