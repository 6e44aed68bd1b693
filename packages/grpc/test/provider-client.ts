import {
  type CallOptions,
  type Channel,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  type Metadata,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { type ProviderReply, type ProviderRequest, providerService } from '@tourniquet/testkit'

type Callback = (error: ServiceError | null, reply?: ProviderReply) => void
type Unary = ((request: ProviderRequest, callback: Callback) => ClientUnaryCall) &
  ((request: ProviderRequest, metadata: Metadata, options: CallOptions, callback: Callback) => ClientUnaryCall)

/** A dynamic client of grpc-js for the testkit's service. */
export interface ProviderClient {
  who: Unary
  exec: Unary
  fail: Unary
  hang: Unary
  count(request: ProviderRequest, metadata?: Metadata, options?: CallOptions): ClientReadableStream<ProviderReply>
  collect(callback: Callback): ClientWritableStream<ProviderRequest>
  chat(metadata?: Metadata, options?: CallOptions): ClientDuplexStream<ProviderRequest, ProviderReply>
  close(): void
  waitForReady(deadline: Date | number, callback: (error?: Error) => void): void
}

export const ProviderClient = makeGenericClientConstructor(providerService, 'Provider') as unknown as new (
  address: string,
  credentials: unknown,
  options?: object,
) => ProviderClient

const clients = new WeakMap<Channel, ProviderClient>()

export function clientOn(channel: Channel): ProviderClient {
  const known = clients.get(channel)
  if (known) return known
  const client = new ProviderClient('', credentials.createInsecure(), { channelOverride: channel })
  clients.set(channel, client)
  return client
}

export type UnaryName = 'who' | 'exec' | 'fail' | 'hang'

/** One unary call, as a promise. */
export function ask(client: ProviderClient, method: UnaryName, request: ProviderRequest = {}): Promise<ProviderReply> {
  return new Promise((resolve, reject) => {
    client[method](request, (error, reply) => (error ? reject(error) : resolve(reply as ProviderReply)))
  })
}
