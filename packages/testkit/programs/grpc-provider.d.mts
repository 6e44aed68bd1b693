/** What is left out is empty, or 0. */
export interface ProviderRequest {
  text?: string
  number?: number
  /** How much later than it could the server replies, in milliseconds. Not heeded by Hang, Collect and Chat. */
  delayMs?: number
}

export interface ProviderReply {
  /** The name of the server that replies. */
  provider: string
  text: string
  number: number
}

/** Its `service`: empty for the whole server, or `tourniquet.testkit.Provider`. */
export interface HealthRequest {
  service?: string
}

/** Its `status`: 1 serving, 2 not serving. */
export interface HealthReply {
  status: number
}

/** A method as `@grpc/grpc-js` wants it described, for clients and for servers. */
export interface GrpcMethod<Request, Reply, RequestStream extends boolean, ReplyStream extends boolean> {
  path: string
  originalName: string
  requestStream: RequestStream
  responseStream: ReplyStream
  requestSerialize: (value: Request) => Buffer
  requestDeserialize: (bytes: Buffer) => Request
  responseSerialize: (value: Reply) => Buffer
  responseDeserialize: (bytes: Buffer) => Reply
}

/** The service of a `GrpcServer`. On the wire it is `grpc-provider.proto` in this package's `programs`. */
export declare const providerService: {
  /** Replies with the provider alone. */
  Who: GrpcMethod<ProviderRequest, ProviderReply, false, false>
  /** Adds `text` to the ledger, then replies with it, and with the number of what it executed since its start. */
  Exec: GrpcMethod<ProviderRequest, ProviderReply, false, false>
  /** Fails with the status code `number` (0: UNKNOWN) and the details `text`. */
  Fail: GrpcMethod<ProviderRequest, ProviderReply, false, false>
  /** Never replies. */
  Hang: GrpcMethod<ProviderRequest, ProviderReply, false, false>
  /** Replies `number` times, counting from 1, each `delayMs` after the one before. */
  Count: GrpcMethod<ProviderRequest, ProviderReply, false, true>
  /** Adds each `text` to the ledger as it comes; at the end it replies with how many came, and with all, by commas. */
  Collect: GrpcMethod<ProviderRequest, ProviderReply, true, false>
  /** Replies to each request at once with its `text`, and with how many came. */
  Chat: GrpcMethod<ProviderRequest, ProviderReply, true, true>
}

/** The standard health service, `grpc.health.v1.Health`, without Watch. */
export declare const healthService: {
  Check: GrpcMethod<HealthRequest, HealthReply, false, false>
}
