import type { StatusObject } from '@grpc/grpc-js'

/**
 * Who ended a call. A status itself says no more than code, details and metadata, and a dead connection has the same code
 * as a server that says it is not available.
 *
 * - `'caller'`: the caller, or its parent call, cancelled it
 * - `'deadline'`: its deadline passed here, and nobody has answered
 * - `'engine'`: we did, since its channel is closed
 * - `'unsent'`: it never had an HTTP/2 stream, so that no byte of it was sent
 * - `'server'`: the server's application answered
 * - `'local'`: grpc-js, because of what happened to the connection or the stream; or something that nobody can tell
 */
export type Origin = 'caller' | 'deadline' | 'engine' | 'unsent' | 'server' | 'local'

// Registered, since an application may hold two copies of this package. grpc-js copies it to the error it makes.
export const origin: unique symbol = Symbol.for('tourniquet.grpc.origin') as never

/** How a call ended. The error that a grpc-js client makes of a status has these properties too. */
export type EndedStatus = StatusObject & { readonly [origin]?: Origin }

/** What a reply of the application always has, and what grpc-js makes up by itself never has. */
export function isAnswer({ metadata }: Pick<StatusObject, 'metadata'>): boolean {
  return metadata !== undefined && metadata.get('content-type').length > 0
}
