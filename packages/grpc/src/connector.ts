import type { Channel } from '@grpc/grpc-js'
import {
  type ConnectContext,
  type Connector,
  InvalidError,
  type Phase,
  type ProbeContext,
  type Verdict,
} from '@tourniquet/core'
import { checkOptions, type GrpcConnectorOptions } from './connector-options.ts'
import { checkHealth } from './health.ts'
import type { EndedStatus } from './origin.ts'
import { ProviderChannel } from './provider-channel.ts'
import { type GrpcSource, type GrpcTarget, targetOf } from './source.ts'
import { verdictOf } from './verdict.ts'

// HTTP/2 lets a server bound its streams, at 100 or more; past that a check would wait in line, and a server that is
// only busy would seem frozen.
const LEAST_STREAMS = 100

/** Opens a fresh channel to a server, and knows whose fault its errors are. */
export class GrpcConnector implements Connector<GrpcSource, Channel> {
  readonly #options: GrpcConnectorOptions

  /** @throws InvalidError */
  constructor(options: GrpcConnectorOptions) {
    checkOptions(options)
    this.#options = options
  }

  async connect(source: GrpcSource, { signal, lost }: ConnectContext): Promise<Channel> {
    const channel = this.#open(source)
    const giveUp = () => channel.close()
    signal.addEventListener('abort', giveUp)
    try {
      await channel.tried()
      await this.#check(channel, signal)
      channel.watch(() => lost(new Error(`${channel.target} has closed the connection, or it was lost`)))
      channel.suspected = once(() => this.#checkInTime(channel).catch(lost))
      return channel
    } catch (error) {
      channel.close()
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  async disconnect(channel: Channel): Promise<void> {
    if (channel instanceof ProviderChannel) await channel.end(this.#options.drainMs ?? 5000)
    else channel.close()
  }

  /** The standard health check. Where a server's streams may be used up, it is asked on a connection of its own. */
  async probe(channel: Channel, { signal, source }: ProbeContext<GrpcSource>): Promise<void> {
    const isBusy = channel instanceof ProviderChannel && channel.inFlight >= LEAST_STREAMS
    if (!isBusy) return this.#check(channel, signal)
    const own = this.#open(source)
    try {
      await own.tried()
      await this.#check(own, signal)
    } finally {
      own.close()
    }
  }

  judge(error: unknown, phase: Phase): Verdict | undefined {
    const status = error as Partial<EndedStatus> | null
    if (typeof status?.code !== 'number' || typeof status.details !== 'string') return undefined
    if (phase === 'connect') return /\b(EMFILE|ENFILE)\b/.test(status.details) ? 'caller' : 'next'
    return verdictOf(status as EndedStatus, this.#options.moveOn)
  }

  id(source: GrpcSource): string {
    return targetOf(source)
  }

  /** Throws if it is no target of a channel. Nothing is dialled. */
  assertSource(source: GrpcSource): void {
    try {
      this.#open(source).close()
    } catch (error) {
      throw new InvalidError(`${error instanceof Error ? error.message : error}`, { source })
    }
  }

  #open(source: GrpcSource): ProviderChannel {
    const { credentials, channelOptions } = this.#options
    const target = targetOf(source)
    const own: Partial<GrpcTarget> = typeof source === 'string' ? {} : source
    return new ProviderChannel(target, own.credentials ?? credentials, { ...channelOptions, ...own.channelOptions })
  }

  #check(channel: Channel, signal: AbortSignal): Promise<void> {
    return checkHealth(channel, this.#options.healthService ?? '', signal)
  }

  /** After a deadline. In two halves, since our own event loop may have been blocked in the first. */
  async #checkInTime(channel: ProviderChannel): Promise<void> {
    const { probeTimeoutMs = 1000 } = this.#options
    const late = new AbortController()
    const half = (then: () => void) => {
      timer = setTimeout(then, probeTimeoutMs / 2)
      timer.unref()
    }
    let timer: NodeJS.Timeout | undefined
    half(() => half(() => late.abort()))
    try {
      await this.#check(channel, late.signal)
    } catch (error) {
      throw late.signal.aborted ? new Error(`${channel.target} did not answer within ${probeTimeoutMs} ms`) : error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Does not begin `work` again while it is under way. */
function once(work: () => Promise<void>): () => void {
  let isUnderWay = false
  return () => {
    if (isUnderWay) return
    isUnderWay = true
    void work().then(() => {
      isUnderWay = false
    })
  }
}
