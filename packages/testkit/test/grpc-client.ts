import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
} from '@grpc/grpc-js'
import {
  type GrpcMethod,
  healthService,
  type ProviderReply,
  type ProviderRequest,
  providerService,
} from '../src/index.ts'

type Unary = 'Who' | 'Exec' | 'Fail' | 'Hang'

/** The methods of a provider, with promises. */
class ProviderClient {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  unary(name: Unary, request: ProviderRequest = {}): Promise<ProviderReply> {
    return unary(this.#client, providerService[name], request)
  }

  serverStream(name: 'Count', request: ProviderRequest): ClientReadableStream<ProviderReply> {
    const { path, requestSerialize, responseDeserialize } = providerService[name]
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
  }

  clientStream(name: 'Collect', requests: readonly ProviderRequest[]): Promise<ProviderReply> {
    const { path, requestSerialize, responseDeserialize } = providerService[name]
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest<ProviderRequest, ProviderReply>(
        path,
        requestSerialize,
        responseDeserialize,
        (error, reply) => (error ? reject(error) : resolve(reply as ProviderReply)),
      )
      for (const request of requests) call.write(request)
      call.end()
    })
  }

  bidiStream(name: 'Chat'): ClientDuplexStream<ProviderRequest, ProviderReply> {
    const { path, requestSerialize, responseDeserialize } = providerService[name]
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
  }
}

export interface Connection {
  provider: ProviderClient
  health: (service: string) => Promise<number>
  close: () => void
}

export function connectGrpc(target: string, how: ChannelCredentials = credentials.createInsecure()): Connection {
  const client = new Client(target, how, { 'grpc.use_local_subchannel_pool': 1 }) // no other client's back-off
  return {
    provider: new ProviderClient(client),
    health: async (service) => (await unary(client, healthService.Check, { service })).status,
    close: () => client.close(),
  }
}

/** All that a stream brings. */
export async function all(stream: AsyncIterable<ProviderReply>): Promise<ProviderReply[]> {
  const replies = []
  for await (const reply of stream) replies.push(reply)
  return replies
}

function unary<Request, Reply>(client: Client, method: GrpcMethod<Request, Reply, false, false>, request: Request) {
  const { path, requestSerialize, responseDeserialize } = method
  return new Promise<Reply>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, reply) =>
      error ? reject(error) : resolve(reply as Reply),
    )
  })
}
