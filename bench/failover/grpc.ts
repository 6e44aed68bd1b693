import { type Channel, Client, credentials } from '@grpc/grpc-js'
import type { ConnectContext, ProbeContext } from '@tourniquet/core'
import { GrpcConnector } from '@tourniquet/grpc'
import { providerService, startGrpcServer } from '@tourniquet/testkit'
import type { Subject } from '../outage/subject.ts'

const insecure = credentials.createInsecure()

/** The table speaks of URLs, gRPC of targets. */
class UrlConnector extends GrpcConnector {
  override connect(source: string, context: ConnectContext): Promise<Channel> {
    return super.connect(new URL(source).host, context)
  }

  override probe(channel: Channel, context: ProbeContext<string>): Promise<void> {
    return super.probe(channel, { ...context, source: new URL(context.source).host })
  }

  override id(source: string): string {
    return source
  }
}

function call(channel: Channel, method: 'Who' | 'Hang'): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = providerService[method]
  const client = new Client('', insecure, { channelOverride: channel })
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error, reply) =>
      error ? reject(error) : resolve(reply),
    )
  })
}

const grpc: Subject<Channel> = {
  name: 'gRPC',
  connector: () => new UrlConnector({ credentials: insecure }),
  start: (name) => startGrpcServer({ name }),
  ping: (channel) => call(channel, 'Who'),
  hold: (channel) => call(channel, 'Hang'),
}

export default grpc
