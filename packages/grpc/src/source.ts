import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js'
import { InvalidError } from '@tourniquet/core'

/** A server: its target as gRPC writes it, or that with what is its own. */
export type GrpcSource = string | GrpcTarget

export interface GrpcTarget {
  /** `host:port`, `dns:///host:port`, `unix:/path` … (https://github.com/grpc/grpc/blob/master/doc/naming.md) */
  readonly target: string
  /** Default: those of the `GrpcRoundRobin`. */
  readonly credentials?: ChannelCredentials | undefined
  /** On top of those of the `GrpcRoundRobin`. */
  readonly channelOptions?: ChannelOptions | undefined
}

/** @throws InvalidError if it is none */
export function targetOf(source: GrpcSource): string {
  const target: unknown = typeof source === 'object' && source !== null ? source.target : source
  const expected = 'a source must be a gRPC target: host:port, dns:///host:port or unix:/path, or { target } with one'
  if (typeof target !== 'string') throw new InvalidError(`${expected}; got ${typeof target}`)
  if (/^\w+:\/\/[^/]/.test(target))
    throw new InvalidError(`${expected}; got the URL ${withoutUser(target)}: leave out its scheme`)
  if (target === '' || /\s/.test(target)) throw new InvalidError(`${expected}; got ${JSON.stringify(target)}`)
  return target
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//')
}
