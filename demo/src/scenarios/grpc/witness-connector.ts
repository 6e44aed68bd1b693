import type { Channel, Metadata } from '@grpc/grpc-js'
import type { ConnectContext } from '@tourniquet/core'
import { GrpcConnector, type GrpcConnectorOptions, type GrpcSource } from '@tourniquet/grpc'

type Call = ReturnType<Channel['createCall']>

/** The metadata that the id of an operation goes in. */
export const ID = 'id'

export interface WitnessOptions extends GrpcConnectorOptions {
  /** By target, the name of each provider. */
  readonly names: ReadonlyMap<string, string>
  /** Told of each operation that is about to be sent to a provider. */
  readonly sent: (id: string, provider: string) => void
}

/**
 * A client on a channel that fails over does not see to whom its calls go, nor how often. To hold the ledgers against
 * that, this looks at each attempt, where it is made.
 */
export class WitnessConnector extends GrpcConnector {
  readonly #names: WitnessOptions['names']
  readonly #sent: WitnessOptions['sent']

  constructor({ names, sent, ...options }: WitnessOptions) {
    super(options)
    this.#names = names
    this.#sent = sent
  }

  override async connect(source: GrpcSource, context: ConnectContext): Promise<Channel> {
    const channel = await super.connect(source, context)
    const create = channel.createCall.bind(channel)
    channel.createCall = (...parameters) => this.#witnessed(create(...parameters), this.id(source))
    return channel
  }

  override id(source: GrpcSource): string {
    const target = super.id(source)
    return this.#names.get(target) ?? target
  }

  #witnessed(call: Call, provider: string): Call {
    const start = call.start.bind(call)
    call.start = (metadata: Metadata, listener) => {
      const [id] = metadata.get(ID)
      if (id !== undefined) this.#sent(String(id), provider)
      start(metadata, listener)
    }
    return call
  }
}
