import { Channel, type ChannelCredentials, type ChannelOptions, connectivityState } from '@grpc/grpc-js'
import type { Call } from './call.ts'
import { DialSockets } from './dial-sockets.ts'
import type { Origin } from './origin.ts'
import { type CallOwner, TrackedCall } from './tracked-call.ts'

const { READY, SHUTDOWN, TRANSIENT_FAILURE } = connectivityState

/**
 * What would break a promise of ours. The user's own options come on top.
 *
 * - Retries of its own would dial the server that was just lost, and its buffer for them acknowledges a MiB of messages
 *   per call to a server that is frozen.
 * - Channels with the same options share their connections: then one cannot be replaced.
 * - An idle time-out looks like the loss of a connection.
 */
const inside: ChannelOptions = {
  'grpc.enable_retries': 0,
  'grpc.per_rpc_retry_buffer_size': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
}

/** A channel of grpc-js to one provider, which knows what is in flight on it. It connects once: another takes its place. */
export class ProviderChannel extends Channel implements CallOwner {
  readonly target: string
  /** Called when a deadline has passed here and nobody has answered: the provider may be frozen. */
  suspected: () => void = () => {}
  readonly #calls = new Set<TrackedCall>()
  readonly #sockets: DialSockets
  #whenIdle: (() => void) | undefined

  constructor(target: string, credentials: ChannelCredentials, options: ChannelOptions = {}) {
    const sockets = new DialSockets()
    super(target, sockets.seenBy(credentials), { ...inside, ...options })
    this.#sockets = sockets
    this.target = this.getTarget()
  }

  /** Calls that have begun may finish; a dial under way is given up. */
  override close(): void {
    if (!this.isReady) this.#sockets.giveUp()
    super.close()
  }

  get inFlight(): number {
    return this.#calls.size
  }

  override createCall(...parameters: Parameters<Channel['createCall']>): Call {
    return new TrackedCall(super.createCall(...parameters), this)
  }

  began(call: TrackedCall): void {
    this.#calls.add(call)
  }

  ended(call: TrackedCall, how: Origin): void {
    this.#calls.delete(call)
    if (how === 'deadline') this.suspected()
    if (this.#calls.size === 0) this.#whenIdle?.()
  }

  /** Resolves when it has connected, or has failed to. */
  tried(): Promise<void> {
    return new Promise((resolve) => {
      // Asked so once only: it would also wake a channel that was closed meanwhile.
      const look = (tryToConnect: boolean) => {
        const state = this.getConnectivityState(tryToConnect)
        if (state === READY || state === TRANSIENT_FAILURE || state === SHUTDOWN) return resolve()
        this.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => look(false))
      }
      look(true)
    })
  }

  get isReady(): boolean {
    return this.getConnectivityState(false) === READY
  }

  /** Calls `lost` when it takes no new calls any more: its connection was lost, or its server says so (GOAWAY). */
  watch(lost: () => void): void {
    this.#sockets.connected()
    if (this.isReady) this.watchConnectivityState(READY, Number.POSITIVE_INFINITY, lost)
    else lost()
  }

  /**
   * Closes it and settles all calls on it. A server that goes away in good order finishes what it has begun: for that it
   * has `graceMs`.
   */
  async end(graceMs: number): Promise<void> {
    const isGoingAway = !this.isReady
    this.close() // what has no stream yet was never sent, and ends at once
    if (isGoingAway && this.#calls.size > 0) await this.#idle(graceMs)
    for (const call of this.#calls) call.cut(`the channel to ${this.target} is closed`)
  }

  #idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#whenIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
