import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Attempt, ClosedError, ExhaustedError, TimeoutError } from '@tourniquet/core'
import { AbstractConnector } from 'ioredis'
import { misfitOf } from './check.ts'
import { closedError } from './closed-error.ts'
import { dialled, inOneGo } from './dial.ts'
import type { Home } from './home.ts'
import type { Attached, ProviderClient } from './provider-client.ts'
import { marked } from './verdict.ts'

/** What the connector of a client that fails over needs of it. */
export interface Connecting {
  readonly home: Home
  /** Whether all that it has sent is answered. */
  readonly isIdle: boolean
  /** Whether it is worth waiting for what is not. */
  readonly isWaiting: boolean
  /** Says something to the server, if it may and has nothing to say. */
  keepAlive(): void
  /** Its next connection is one to this provider. `isSame` as the one before. */
  connecting(to: ProviderClient, isSame: boolean): void
  /** No provider could be connected. Resolves when it is to be tried again; rejects when nobody wants it any more. */
  failed(error: unknown, signal: AbortSignal): Promise<void>
  /** Its connection is gone: the first to hear of it. */
  closed(why: Error): void
}

// Answers that are on their way when a client is ended may still arrive.
const DISCONNECT_MS = 100

const never: Connecting = undefined as unknown as Connecting

/**
 * Connects a client to whichever provider is current, in ioredis' place: on a connection of its own, since a client may
 * subscribe, or wait in a BLPOP. It never fails but where the client is ended, since ioredis then gives up for good.
 */
export class RingConnector extends AbstractConnector implements Attached {
  client: Connecting = never
  /** The provider that the client is with, or was. */
  provider: ProviderClient | undefined
  #socket: Socket | undefined
  /** Why the provider was left, where it is to blame: the engine is told with the next dial, and may move on. */
  #why: Error | undefined
  #isReady = false
  /** Whether nothing more may be sent on its connection. */
  isLeaving = false
  #limitMs = Number.POSITIVE_INFINITY
  /** Each connection since the last that was ready. */
  #unready: Attempt[] = []
  /** How often in a row all providers were tried so. */
  #rounds = 0
  #gone: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #forget: () => void = () => {}
  /** Aborts the dial that is under way. */
  #dialling: AbortController | undefined

  constructor() {
    super(0)
  }

  async connect(): Promise<Socket> {
    const dialling = new AbortController()
    this.#dialling = dialling
    const { signal } = dialling
    for (;;) {
      try {
        await this.#rest(signal)
        return await this.#dial(signal)
      } catch (error) {
        if (signal.aborted) throw error
        if (error instanceof ClosedError) throw closedError()
        await this.client.failed(error, signal)
      }
    }
  }

  /** Where providers are up, and none of them lets this client in: the engine knows nothing of that. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { home } = this.client
    if (this.#unready.length < home.size()) return
    const attempts = this.#unready
    this.#unready = []
    this.#rounds++
    await this.client.failed(new ExhaustedError('no provider could serve this client', { attempts }), signal)
    await pause(home.backoffMs(this.#rounds), undefined, { signal })
  }

  /** What the server says of itself before ioredis calls it ready. */
  override check(info: Readonly<Record<string, string | undefined>>): boolean {
    const { provider = '' } = this.provider ?? {}
    this.#why ??= misfitOf(info, provider, this.client.home.role)
    if (!this.#why && this.#socket) inOneGo(this.#socket)
    return this.#why === undefined
  }

  /** The connection is ready for commands. */
  ready(): void {
    this.#isReady = true
    this.#unready = []
    this.#rounds = 0
    if (!this.isLeaving) clearTimeout(this.#timer)
  }

  /**
   * Sends nothing more, and closes the connection when all that was sent is answered; at once where that may take
   * for ever, as with a BLPOP. `why`: what its provider did.
   */
  leave(why?: Error, withinMs: number = this.client.home.drainMs()): Promise<void> {
    const socket = this.#socket
    if (!socket) return this.#gone
    this.#why ??= why
    if (this.isLeaving && withinMs >= this.#limitMs) return this.#gone
    this.isLeaving = true
    this.#limitMs = withinMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => socket.destroy(), withinMs)
    const endIfDone = () => {
      if (!this.client.isWaiting) socket.end()
    }
    socket.on('data', endIfDone) // after ioredis has read it
    endIfDone()
    return this.#gone
  }

  /** `why`: what its provider did. */
  cut(why?: Error): void {
    if (!this.#socket) return
    this.#why ??= why
    this.isLeaving = true
    this.#socket.destroy()
  }

  keepAlive(): void {
    if (this.#isReady && !this.isLeaving) this.client.keepAlive()
  }

  /** For ioredis, when the client is ended. */
  override disconnect(): void {
    this.#dialling?.abort(new Error('Connection is closed.'))
    void this.leave(undefined, DISCONNECT_MS)
    this.#socket?.end()
  }

  async #dial(signal: AbortSignal): Promise<Socket> {
    const { home } = this.client
    return await home.runOn(
      async (provider, context) => {
        const why = this.#why
        this.#why = undefined
        if (why && provider === this.provider) throw why
        const socket = await dialled(provider.options, context.signal)
        if (provider.isGone) {
          socket.destroy()
          throw marked('next', new Error(`${provider.provider} was left while it was connected to`))
        }
        this.#attach(socket, provider)
        return socket
      },
      { idempotent: true, signal },
    )
  }

  #attach(socket: Socket, provider: ProviderClient): void {
    const { home } = this.client
    this.client.connecting(provider, this.provider?.provider === provider.provider)
    this.provider = provider
    this.stream = this.#socket = socket
    this.#isReady = this.isLeaving = false
    this.#limitMs = Number.POSITIVE_INFINITY
    provider.attached.add(this)
    this.#forget = home.on('failover', () => void this.leave())
    this.#timer = setTimeout(() => this.#isLate(provider), home.connectTimeoutMs)
    let cause: Error | undefined
    socket.on('error', (error) => {
      cause = error
    })
    this.#gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#closed(socket, provider, cause)
        resolve()
      })
    })
  }

  #isLate({ provider }: ProviderClient): void {
    const limit = 'connectTimeoutMs'
    const words = `${provider} was connected, and not ready after ${this.client.home.connectTimeoutMs} ms (${limit})`
    this.cut(marked('next', new TimeoutError(words, { limit, provider, attempts: [] })))
  }

  #closed(socket: Socket, provider: ProviderClient, cause: Error | undefined): void {
    clearTimeout(this.#timer)
    this.#forget()
    provider.attached.delete(this)
    if (this.#socket === socket) this.#socket = undefined
    const lost = new Error(`the connection to ${provider.provider} was lost`, { cause })
    // An idle connection may have been ended by its server, after a while: it is asked whether it is well.
    const isIdle = this.#isReady && this.client.isIdle
    // To connect a client applies nothing: what becomes of its commands is told to each of them.
    if (!this.isLeaving) this.#why ??= marked(isIdle ? 'suspect' : 'next', lost)
    const error = this.#why ?? lost
    const attempt: Attempt = { provider: provider.provider, source: undefined, error, durationMs: Number.NaN }
    if (!this.#isReady && this.#why) this.#unready.push(attempt)
    this.client.closed(error)
  }
}
