import { type Channel, type ChannelInterface, status as Code, connectivityState, Metadata } from '@grpc/grpc-js'
import type { RoundRobin } from '@tourniquet/core'
import type { Call } from './call.ts'
import type { CallHost, TryCall, Waiting } from './call-host.ts'
import { FailoverCall } from './failover-call.ts'
import type { EndedStatus } from './origin.ts'
import { Pacer } from './pacer.ts'
import { StateWatchers } from './state-watchers.ts'

type State = connectivityState

/** What a channel needs of the `RoundRobin` that it belongs to. */
export interface ChannelOwner
  extends Pick<RoundRobin<unknown, Channel>, 'current' | 'providers' | 'connect' | 'on' | 'run'> {}

export interface ChannelSettings {
  /** Whether the `RoundRobin` is closed. */
  isClosed(): boolean
  isIdempotent(method: string): boolean
  isToBlame(status: EndedStatus): boolean
  readonly keepPerCall: number
  readonly keepPerChannel: number
}

const isIdempotent = { idempotent: true }
const isNot = { idempotent: false }

/** A channel whose calls go to the current provider, and move on with it. */
export class FailoverChannel implements ChannelInterface, CallHost {
  closed: EndedStatus | undefined
  readonly #rr: ChannelOwner
  readonly #settings: ChannelSettings
  readonly #pacer = new Pacer()
  readonly #watchers: StateWatchers
  /** The calls that no provider has. */
  readonly #waiting = new Set<Waiting>()
  #keptBytes = 0
  #isConnecting = false

  constructor(rr: ChannelOwner, settings: ChannelSettings) {
    this.#rr = rr
    this.#settings = settings
    this.#watchers = new StateWatchers(rr, () => this.#state)
  }

  /** Calls that a provider has may finish, on it; all others end. The `RoundRobin` stays open, and other channels of it. */
  close(): void {
    this.closed ??= { code: Code.UNAVAILABLE, details: 'Channel closed before call started', metadata: new Metadata() }
    for (const call of this.#waiting) call.channelClosed(this.closed)
    this.#watchers.changed()
  }

  getTarget(): string {
    const { current, providers } = this.#rr
    return (providers.find(({ source }) => source === current) ?? providers[0])?.provider ?? ''
  }

  getConnectivityState(tryToConnect: boolean): State {
    const state = this.#state
    const isLost = state === connectivityState.IDLE || state === connectivityState.TRANSIENT_FAILURE
    if (tryToConnect && isLost) void this.#connect()
    return state
  }

  watchConnectivityState(current: State, deadline: Date | number, callback: (error?: Error) => void): void {
    if (this.closed) throw new Error('Channel has been shut down')
    this.#watchers.add(current, deadline, callback)
  }

  /** None of its own: each provider's channel is known to channelz by itself. */
  getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
    return { kind: 'channel', id: 0, name: this.getTarget() } as ReturnType<ChannelInterface['getChannelzRef']>
  }

  createCall(...parameters: Parameters<ChannelInterface['createCall']>): Call {
    const [method, deadline, host, parent, flags] = parameters
    if (typeof method !== 'string') throw new TypeError('Channel#createCall: method must be a string')
    if (typeof deadline !== 'number' && !(deadline instanceof Date)) {
      throw new TypeError('Channel#createCall: deadline must be a number or Date')
    }
    if (this.closed) throw new Error('Channel has been shut down')
    return new FailoverCall(this, { method, deadline, host, parent, flags })
  }

  get target(): string {
    return this.getTarget()
  }

  get isReady(): boolean {
    return this.#rr.current !== undefined
  }

  isToBlame(status: EndedStatus): boolean {
    return this.#settings.isToBlame(status)
  }

  run(method: string, attempt: TryCall, signal: AbortSignal | undefined): Promise<void> {
    const idempotent = this.#settings.isIdempotent(method)
    return this.#rr.run(attempt, signal ? { idempotent, signal } : idempotent ? isIdempotent : isNot)
  }

  pace(start: () => void): void {
    this.#pacer.add(start)
  }

  wait(call: Waiting): void {
    this.#waiting.add(call)
    if (this.#waiting.size === 1) this.#watchers.changed()
  }

  waitNoMore(call: Waiting): void {
    if (this.#waiting.delete(call) && this.#waiting.size === 0) this.#watchers.changed()
  }

  isWaiting(call: Waiting): boolean {
    return this.#waiting.has(call)
  }

  keep(bytes: number, ofCall: number): boolean {
    const { keepPerCall, keepPerChannel } = this.#settings
    if (ofCall + bytes > keepPerCall || this.#keptBytes + bytes > keepPerChannel) return false
    this.#keptBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#keptBytes -= bytes
  }

  get #state(): State {
    if (this.closed || this.#settings.isClosed()) return connectivityState.SHUTDOWN
    if (this.isReady) return connectivityState.READY
    if (this.#isConnecting || this.#waiting.size > 0) return connectivityState.CONNECTING
    const hasFailed = this.#rr.providers.some(({ lastError }) => lastError !== undefined)
    return hasFailed ? connectivityState.TRANSIENT_FAILURE : connectivityState.IDLE
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true
    this.#watchers.changed()
    await this.#rr.connect().catch(() => {}) // whoever makes a call is told why
    this.#isConnecting = false
    this.#watchers.changed()
  }
}
