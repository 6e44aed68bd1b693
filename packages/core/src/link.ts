import type { Connector, Verdict } from './connector.ts'
import { said, TimeoutError, TourniquetError } from './errors.ts'
import type { Emitter } from './events.ts'
import type { Settings } from './options.ts'
import type { Provider } from './provider.ts'
import { after, now, type Task, type Timer, task } from './time.ts'

/** What the function given to `run` is told beside its service. */
export interface RunContext<Source> {
  /** The source that the service is connected to. */
  readonly source: Source
  /** Its id. */
  readonly provider: string
  /** Counted from 1. */
  readonly attempt: number
  /** Aborts when this attempt is given up, or its service is about to be disconnected. */
  readonly signal: AbortSignal
}

export type RunFunction<Service, Source, T> = (service: Service, context: RunContext<Source>) => T | PromiseLike<T>

/** Why a service is left at once: it is of no use to anyone. */
export type DownReason = 'lost' | 'probe' | 'timeout'

/** What a link needs of the engine around it. */
export interface LinkHost<Source, Service> {
  readonly connector: Connector<Source, Service>
  readonly settings: Settings
  readonly events: Emitter<Source>
  /** Sees that a close of everything waits until this link's service is disconnected. */
  track(link: Link<Source, Service>): void
  /** The service died, or failed its check. */
  down(link: Link<Source, Service>, reason: DownReason, error: unknown): void
  /** A first run on it succeeded. */
  proved(link: Link<Source, Service>): void
}

/**
 * One connection's whole life: dialling, then up, then draining while what is in flight may finish, then closed. It is
 * its own generation: what happens on a link that is not the current one moves nothing.
 */
export class Link<Source, Service> {
  state: 'dialling' | 'up' | 'draining' | 'closed' = 'dialling'
  readonly provider: Provider<Source>
  readonly id: string
  readonly source: Source
  service!: Service
  /** What attempt 1 of a run without limits is told: one object for all of them, so that a call builds none. */
  readonly context: RunContext<Source>
  /** Whether a run on it has succeeded. */
  proved = false
  /** Whether its `connect` event is out. */
  isAnnounced = false
  /** Why nobody can use it: its dial failed, it was lost, or a check failed. */
  failure: { readonly error: unknown } | undefined
  /** Whether it has been told that its dial failed. */
  isTold = false
  /** Whose fault it is that its dial failed: asked once, though more than one may wait for it. */
  verdict: Verdict | Promise<Verdict> | undefined
  readonly startedAt: number = now()
  /** How long the dial took. */
  dialMs = 0
  /** Resolves when the service is up, or rejects with why it is not. Who waited for it must look at `failure` too. */
  readonly opened: Promise<void>
  /** Resolves once the service is disconnected. */
  closed: Promise<void>

  readonly #host: LinkHost<Source, Service>
  readonly #controller = new AbortController()
  readonly #dial: Task<void> | undefined
  #setClosed!: () => void
  #inFlight = 0
  #check: Task<void> | undefined
  #isWell: Promise<boolean> | undefined
  #heartbeat: Timer | undefined
  #drain: { readonly endsAt: number; readonly timer: Timer; readonly reason: unknown } | undefined

  constructor(host: LinkHost<Source, Service>, provider: Provider<Source>) {
    this.#host = host
    this.provider = provider
    this.id = provider.id
    this.source = provider.source
    this.context = Object.freeze({
      source: this.source,
      provider: this.id,
      attempt: 1,
      signal: this.#controller.signal,
    })
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve
    })
    this.#dial = this.#task('connectTimeoutMs', (signal) => this.#connect(signal))
    this.opened = this.#open(this.#dial.promise)
  }

  /** When it came up. */
  get upAt(): number {
    return this.startedAt + this.dialMs
  }

  /** Whether its dial keeps the process alive. */
  hold(keepAlive: boolean): void {
    this.#dial?.timer.hold(keepAlive)
  }

  /** Says, once, that it is up. */
  announce(): void {
    if (!this.isAnnounced) this.#host.events.emit('connect', this, { durationMs: this.dialMs })
    this.isAnnounced = true
  }

  /** Calls `fn` and counts it as in flight: whoever called sees that `succeed` or `release` follows. */
  call<T>(fn: RunFunction<Service, Source, T>, context: RunContext<Source>): Promise<T> {
    this.#inFlight++
    try {
      return Promise.resolve(fn(this.service, context))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** What a call that succeeded goes through: bound once a link, since it is on the path of every run. */
  readonly succeed = <T>(value: T): T => {
    if (!this.proved) {
      this.proved = true
      this.#host.proved(this)
    }
    this.release()
    return value
  }

  /** A call has settled. */
  release(): void {
    if (--this.#inFlight === 0 && this.#drain) this.close(this.#drain.reason)
  }

  /**
   * Whether the service is well: probes it, and tells the host if it is not. All who ask at the same time share one
   * probe. Without a probe nobody can say that it is well.
   */
  check(reason: DownReason, keepAlive = true): Promise<boolean> {
    const { connector } = this.#host
    if (!connector.probe || this.state === 'closed') return Promise.resolve(false)
    this.#isWell ??= this.#probe(reason)
    if (keepAlive) this.#check?.timer.hold(true)
    return this.#isWell
  }

  /** Takes no more work; closes when nothing is in flight, or after `ms`. Again: the shorter time holds. */
  drain(ms: number, reason: unknown): void {
    if (this.state === 'dialling' || this.#inFlight === 0 || ms === 0) this.close(reason)
    if (this.state === 'closed') return
    this.state = 'draining'
    this.#heartbeat?.cancel()
    const endsAt = now() + ms
    if (this.#drain && this.#drain.endsAt <= endsAt) return
    this.#drain?.timer.cancel()
    this.#drain = { endsAt, reason, timer: after(ms, () => this.close(reason)) }
  }

  /** Disconnects the service, or gives up the dial. */
  close(reason: unknown): void {
    const { state } = this
    if (state === 'closed') return
    this.state = 'closed'
    this.#heartbeat?.cancel()
    this.#drain?.timer.cancel()
    // Not the error itself: what an operation rejects with because of this says nothing of that operation.
    const { id: provider, source } = this
    const message = said(this.#host.settings, `${provider} is about to be disconnected`)
    this.#controller.abort(new TourniquetError(message, { provider, source, cause: reason }))
    this.#check?.cancel(reason)
    if (state !== 'dialling') return void this.#disconnect(this.service).then(this.#setClosed)
    this.#dial?.cancel(reason)
    this.#setClosed()
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const lost = (error: unknown = new Error('the connector said that this service is lost')) => {
      if (this.state !== 'dialling') return this.#host.down(this, 'lost', error)
      this.failure ??= { error }
      this.#dial?.cancel(error)
    }
    const service = await this.#host.connector.connect(this.source, { signal, lost })
    if (this.failure || signal.aborted) {
      // It opened too late; `close` waits for this too.
      this.closed = this.#disconnect(service)
      this.#host.track(this)
      throw this.failure?.error
    }
    this.service = service
    this.state = 'up'
    this.#beat()
  }

  async #open(dialled: Promise<void>): Promise<void> {
    try {
      await dialled
    } catch (error) {
      this.failure = { error }
      this.close(error)
      throw error
    } finally {
      this.dialMs = now() - this.startedAt
    }
  }

  /** Probes the service every so often; no timer of this keeps the process alive. */
  #beat(): void {
    this.#heartbeat = after(this.#host.settings.heartbeatMs, () => {
      void this.check('probe', false).then(() => this.state === 'up' && this.#beat())
    })
    this.#heartbeat.hold(false)
  }

  async #probe(reason: DownReason): Promise<boolean> {
    this.#check = this.#task('probeTimeoutMs', (signal) =>
      this.#host.connector.probe?.(this.service, { signal, source: this.source }),
    )
    this.#check.timer.hold(false)
    try {
      await this.#check.promise
      return true
    } catch (error) {
      this.#host.down(this, reason, error)
      return false
    } finally {
      this.#check = this.#isWell = undefined
    }
  }

  async #disconnect(service: Service): Promise<void> {
    const { connector, events } = this.#host
    const body = await this.#task('drainMs', () => connector.disconnect?.(service, this.source)).promise.then(
      () => ({}),
      (error) => ({ error }),
    )
    events.emit('disconnect', this, body)
  }

  #task<T>(limit: keyof typeof verbs, work: (signal: AbortSignal) => T | PromiseLike<T>): Task<T> {
    const { settings } = this.#host
    const ms = limit === 'drainMs' ? Math.max(settings.drainMs, 1000) : settings[limit]
    const { id: provider, source } = this
    const message = () => said(settings, `${provider} took longer than ${ms} ms to ${verbs[limit]} (${limit})`)
    return task(ms, work, () => new TimeoutError(message(), { limit, provider, source, attempts: [] }))
  }
}

const verbs = { connectTimeoutMs: 'connect', probeTimeoutMs: 'answer a probe', drainMs: 'disconnect' }
