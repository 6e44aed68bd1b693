import { InvalidError, type Options } from '@tourniquet/core'
import type { GrpcConnector } from './connector.ts'
import type { GrpcConnectorOptions } from './connector-options.ts'
import type { Idempotent } from './idempotent.ts'

/** All options of `@tourniquet/core`, with `heartbeatMs` 5000 by default, and those of gRPC. */
export interface GrpcOptions extends Omit<Options, 'idempotent'>, Partial<GrpcConnectorOptions> {
  /**
   * Which calls may be sent again though they may already have been applied. Those whose proto says so are known to
   * `client()`; see {@link idempotentMethods}. Default: none.
   */
  readonly idempotent?: Idempotent | undefined
  /**
   * How much of what a call has sent is kept until it is answered, to be sent to the next provider. A call that sends
   * more is not sent again. A number is per call.
   */
  readonly replayBufferBytes?: number | ReplayBufferBytes | undefined
  /** One of your own, in place of what `credentials` and the other options of gRPC make. */
  readonly connector?: GrpcConnector | undefined
}

export interface ReplayBufferBytes {
  /** Default 262144. */
  readonly perCall?: number | undefined
  /** Default 16777216. */
  readonly perChannel?: number | undefined
}

/** What each part is told. */
export interface GrpcSettings {
  readonly core: Options
  readonly connector: GrpcConnectorOptions
  readonly isIdempotent: (path: string) => boolean
  readonly keepPerCall: number
  readonly keepPerChannel: number
}

/** @throws InvalidError that names the option which is not what it must be */
export function toSettings(given: GrpcOptions): GrpcSettings {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidError('options must be an object with credentials, such as credentials.createInsecure()')
  }
  const { credentials, channelOptions, healthService, moveOn, idempotent, replayBufferBytes, connector, ...core } =
    given
  const { drainMs, probeTimeoutMs } = core
  return {
    core: { heartbeatMs: 5000, ...withoutUndefined(core), idempotent: idempotent === true },
    connector: { credentials, channelOptions, healthService, moveOn, drainMs, probeTimeoutMs } as GrpcConnectorOptions,
    isIdempotent: predicateOf(idempotent),
    ...keepOf(replayBufferBytes),
  }
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function predicateOf(idempotent: Idempotent = false): (path: string) => boolean {
  if (typeof idempotent === 'function') return idempotent
  if (typeof idempotent === 'boolean') return () => idempotent
  throw new InvalidError(`idempotent must be true, false or a function of a method's path; got ${typeof idempotent}`)
}

function keepOf(given: number | ReplayBufferBytes = {}) {
  if (given === null) throw new InvalidError('replayBufferBytes must be a number, or { perCall, perChannel }; got null')
  const { perCall = 2 ** 18, perChannel = 2 ** 24 } = typeof given === 'number' ? { perCall: given } : given
  return { keepPerCall: bytes(perCall, 'perCall'), keepPerChannel: bytes(perChannel, 'perChannel') }
}

function bytes(value: unknown, which: string): number {
  if (typeof value === 'number' && value >= 0) return value
  throw new InvalidError(
    `replayBufferBytes (${which}) must be 0 or more bytes; got ${typeof value === 'number' ? value : typeof value}`,
  )
}
