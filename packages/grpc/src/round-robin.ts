import { type Channel, type ChannelCredentials, type ClientOptions, credentials } from '@grpc/grpc-js'
import { type CloseOptions, RoundRobin } from '@tourniquet/core'
import { GrpcConnector } from './connector.ts'
import { FailoverChannel } from './failover-channel.ts'
import { idempotentMethods } from './idempotent.ts'
import { type GrpcOptions, type GrpcSettings, toSettings } from './options.ts'
import type { GrpcSource } from './source.ts'

/** What makes a client: generated, or by `loadPackageDefinition`. */
export type ClientConstructor<Client> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => Client

/** gRPC over several servers that serve the same: calls go to one of them while it is up, and move on with it. */
export class GrpcRoundRobin extends RoundRobin<GrpcSource, Channel> {
  readonly #connector: GrpcConnector
  readonly #settings: GrpcSettings
  #isClosed = false

  /**
   * Nothing is connected before the first call.
   *
   * @throws InvalidError where a source or an option is not as expected
   */
  constructor(sources: readonly GrpcSource[], options: GrpcOptions) {
    const settings = toSettings(options)
    const { connector = new GrpcConnector(settings.connector) } = options
    super(sources, connector, settings.core)
    for (const source of sources) connector.assertSource(source)
    this.#connector = connector
    this.#settings = settings
  }

  /**
   * A channel whose calls fail over: for `channelOverride` of any client, and for `createClient` of nice-grpc. Closing it
   * ends it alone; the connection is this object's, and goes with `close()` here.
   */
  channel(): Channel {
    return this.#channel(this.#settings.isIdempotent)
  }

  /** A client on a channel of its own, which heeds what its proto says of idempotency. */
  client<Client>(Client: ClientConstructor<Client>, options?: Partial<ClientOptions>): Client {
    const { service } = Client as { service?: object }
    const { isIdempotent } = this.#settings
    const byProto = service ? idempotentMethods(service) : () => false
    const channelOverride = this.#channel((path) => isIdempotent(path) || byProto(path))
    return new Client('', credentials.createInsecure(), { ...options, channelOverride })
  }

  #channel(isIdempotent: (path: string) => boolean): Channel {
    const channel = new FailoverChannel(this, {
      keepPerCall: this.#settings.keepPerCall,
      keepPerChannel: this.#settings.keepPerChannel,
      isClosed: () => this.#isClosed,
      isIdempotent,
      isToBlame: (status) => {
        const verdict = this.#connector.judge(status, 'run')
        return verdict === 'next' || verdict === 'unsure'
      },
    })
    // The class of grpc-js has a private member, so that TypeScript takes nothing else for one.
    return channel as unknown as Channel
  }

  /** As in `@tourniquet/core`. */
  override setSources(sources: readonly GrpcSource[]): void {
    if (Array.isArray(sources)) for (const source of sources) this.#connector.assertSource(source)
    super.setSources(sources)
  }

  /** As in `@tourniquet/core`. Its channels are shut down. */
  override close(options?: CloseOptions): Promise<void> {
    this.#isClosed = true
    return super.close(options)
  }
}
