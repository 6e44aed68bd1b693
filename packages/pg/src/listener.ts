import { setTimeout as pause } from 'node:timers/promises'
import { InvalidError, type RunOptions } from '@tourniquet/core'
import type { Notification } from 'pg'
import type { FailoverClient, FailoverClientConstructor } from './client.ts'
import type { Home } from './home.ts'
import type { Server } from './server.ts'

/** What a listener is told: a notification, or that some may have been missed. */
export type Heard =
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string; readonly processId: number }
  | {
      readonly kind: 'gap'
      readonly channel: string
      /** The server that was listened to, and the one that is. */
      readonly from: string
      readonly to: string
      /** How long nobody listened. */
      readonly durationMs: number
    }

export type ListenHandler = (heard: Heard) => void

/** A channel that is listened to, until it is closed. */
export interface Listening extends AsyncDisposable {
  readonly channel: string
  close(): Promise<void>
}

/** What is longer, PostgreSQL cuts off: it would listen to another channel. */
const LONGEST_BYTES = 63

/** After a failure that no other server would mend, such as a password that was changed. */
const REST_MS = 1000

/** @throws InvalidError */
export function checkListen(channel: unknown, handler: unknown): void {
  if (typeof channel !== 'string' || channel === '')
    throw new InvalidError(`channel must be a name; got ${channel === '' ? 'an empty text' : typeof channel}`)
  const bytes = Buffer.byteLength(channel)
  if (bytes > LONGEST_BYTES) {
    throw new InvalidError(
      `channel must have at most ${LONGEST_BYTES} bytes, since PostgreSQL cuts off what is longer; it has ${bytes}`,
    )
  }
  if (channel.includes('\0')) throw new InvalidError('channel must not contain a NUL')
  if (typeof handler !== 'function') throw new InvalidError(`handler must be a function; got ${typeof handler}`)
}

/** Listens to a channel on a connection of its own, and goes on on whichever server is current when that is lost. */
export class Listener implements Listening {
  readonly channel: string
  readonly #home: Home
  readonly #Client: FailoverClientConstructor
  readonly #handler: ListenHandler
  readonly #ending: AbortController = new AbortController()
  #client: FailoverClient | undefined
  /** Where it listened, and since when it does not. */
  #gap: { readonly from: string; readonly since: number } | undefined

  constructor(home: Home, Client: FailoverClientConstructor, channel: string, handler: ListenHandler) {
    this.#home = home
    this.#Client = Client
    this.channel = channel
    this.#handler = handler
  }

  /** Listens. Rejects as a run does, and nothing is open then. */
  start(options: RunOptions = {}): Promise<void> {
    const { signal } = this.#ending
    return this.#home.runOn((server, context) => this.#listen(server, context.signal), {
      attemptTimeoutMs: this.#home.connectTimeoutMs,
      ...options,
      idempotent: true,
      signal,
    })
  }

  async close(): Promise<void> {
    this.#ending.abort(new Error('this listener was closed'))
    await this.#client?.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #listen(server: Server, signal: AbortSignal): Promise<void> {
    const client = new this.#Client()
    client.isInRun = true // it is sent again where it fails
    client.on('notification', (notification) => this.#heard(notification))
    try {
      await client.connectTo(server, signal)
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => client.cut(signal.reason)
        signal.addEventListener('abort', giveUp, { once: true })
        client.query(`listen ${client.escapeIdentifier(this.channel)}`, (error: Error | null) => {
          signal.removeEventListener('abort', giveUp)
          if (error) return reject(error)
          this.#listening(client, server) // at once: what comes next may be a notification
          resolve()
        })
      })
    } catch (error) {
      client.cut(error as Error)
      throw error
    }
  }

  #listening(client: FailoverClient, { id }: Server): void {
    this.#client = client
    client.onLeft = () => client.cut(new Error('this listener goes on elsewhere'))
    client.once('end', () => this.#lost(id))
    const gap = this.#gap
    this.#gap = undefined
    if (!gap) return
    const durationMs = performance.now() - gap.since
    this.#handler({ kind: 'gap', channel: this.channel, from: gap.from, to: id, durationMs })
  }

  #lost(from: string): void {
    if (this.#ending.signal.aborted) return
    this.#gap ??= { from, since: performance.now() }
    void this.#again()
  }

  /** Until it listens: nobody would notice that it does not. */
  async #again(): Promise<void> {
    const { signal } = this.#ending
    try {
      await this.start({ maxAttempts: Number.POSITIVE_INFINITY, deadlineMs: Number.POSITIVE_INFINITY })
    } catch {
      if (signal.aborted || this.#home.isClosed()) return
      await pause(REST_MS, undefined, { signal, ref: false }).catch(() => {})
      if (!signal.aborted) await this.#again()
    }
  }

  #heard({ channel, payload = '', processId }: Notification): void {
    this.#handler({ kind: 'notification', channel, payload, processId })
  }
}
