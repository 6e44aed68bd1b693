import { ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js'
import { InvalidError } from '@tourniquet/core'
import { type MovingCode, movingCodes } from './verdict.ts'

export interface GrpcConnectorOptions {
  /** As a client takes them. There is no default: plain text is a choice, `credentials.createInsecure()`. */
  readonly credentials: ChannelCredentials
  /** Of every channel, such as `{ 'grpc.max_receive_message_length': 2 ** 24 }`. */
  readonly channelOptions?: ChannelOptions | undefined
  /** The service that the standard health check asks about. Default `''`: the server as a whole. */
  readonly healthService?: string | undefined
  /** What an application may say that is its provider's fault too, beside UNAVAILABLE. Default: nothing. */
  readonly moveOn?: readonly MovingCode[] | undefined
  /** How long a server that goes away may take to finish what it has begun. Default 5000. */
  readonly drainMs?: number | undefined
  /** How long the check may take that follows a deadline which passed unanswered. Default 1000. */
  readonly probeTimeoutMs?: number | undefined
}

/** @throws InvalidError that names the option which is not what it must be */
export function checkOptions(options: GrpcConnectorOptions): void {
  const { credentials, channelOptions, healthService, moveOn } = options ?? {}
  if (!(credentials instanceof ChannelCredentials)) {
    throw wrong(
      'credentials',
      "a ChannelCredentials of this program's @grpc/grpc-js, such as credentials.createInsecure()",
      credentials,
    )
  }
  if (channelOptions !== undefined && (typeof channelOptions !== 'object' || channelOptions === null)) {
    throw wrong('channelOptions', 'an object', channelOptions)
  }
  if (healthService !== undefined && typeof healthService !== 'string')
    throw wrong('healthService', 'a string', healthService)
  if (moveOn === undefined) return
  const unknown = Array.isArray(moveOn) ? moveOn.find((code) => !movingCodes.includes(code)) : moveOn
  if (unknown !== undefined) throw wrong('moveOn', `a list of ${movingCodes.join(', ')}`, unknown)
}

/** Never shows an object: it may hold a key. */
function wrong(option: string, expected: string, value: unknown): InvalidError {
  const got = typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : typeof value
  return new InvalidError(`${option} must be ${expected}; got ${got}`)
}
