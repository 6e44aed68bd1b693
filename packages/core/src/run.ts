import {
  type Attempt,
  brief,
  ClosedError,
  ExhaustedError,
  type Outcome,
  OutcomeUnknownError,
  said,
  TimeoutError,
  type TourniquetError,
  toAttempt,
} from './errors.ts'
import type { Link, RunFunction } from './link.ts'
import type { RunOptions, Settings } from './options.ts'
import { onAbort } from './signals.ts'
import { after, now, type Timer } from './time.ts'

/**
 * How one attempt ended. `isDisconnected`: the engine had disconnected the service before. `isExpired`: it was given up,
 * and its provider could not be shown to be well.
 */
export type Ending<T> =
  | { readonly value: T }
  | {
      readonly error: unknown
      readonly durationMs: number
      readonly isDisconnected?: boolean
      readonly isExpired?: boolean
    }

interface Failure<Source> {
  readonly id: string
  readonly source: Source
  readonly error: unknown
  readonly durationMs: number
}

/**
 * One run: what it has tried, what it may still do, and what may end it from outside. It waits for one thing at a time,
 * and its caller's signal or its deadline may interrupt that.
 */
export class Run<T, Source, Service> {
  readonly #fn: RunFunction<Service, Source, T>
  readonly #settings: Settings & RunOptions
  /** How many there are now. */
  readonly #providers: () => number
  /** The attempts that failed. */
  readonly #failures: Failure<Source>[] = []
  /** Whether anything from outside may. */
  readonly #mayEnd: boolean
  readonly #deadline: Timer
  readonly #forgetSignal: (() => void) | undefined
  /** The operation may have been applied; `#inDoubt` until the verdict on the attempt under way is known. */
  #unknown = false
  #inDoubt = false
  #end: { readonly error: unknown } | undefined
  #interrupt: ((error: unknown) => void) | undefined

  constructor(fn: RunFunction<Service, Source, T>, settings: Settings & RunOptions, providers: () => number) {
    const { deadlineMs, signal } = settings
    this.#fn = fn
    this.#settings = settings
    this.#providers = providers
    const end = (error: unknown) => {
      this.#end = { error }
      this.#interrupt?.(error)
    }
    this.#mayEnd = signal !== undefined || deadlineMs < Number.POSITIVE_INFINITY
    this.#deadline = after(deadlineMs, () => end(this.#timeout('deadlineMs', 'this run')))
    this.#forgetSignal = signal && onAbort(signal, end)
  }

  /** Leaves no timer and no listener behind. */
  end(): void {
    this.#deadline.cancel()
    this.#forgetSignal?.()
  }

  /** Waits for `promise`, unless the run is ended from outside before: then `undo` is called. */
  wait<V>(promise: Promise<V>, undo?: (error: unknown) => void): Promise<V> {
    if (!this.#mayEnd) return promise
    return new Promise((resolve, reject) => {
      this.#interrupt = (error) => {
        undo?.(error)
        reject(error)
      }
      promise.then(resolve, reject)
      if (this.#end) this.#interrupt(this.#end.error)
    })
  }

  /** A turn of the event loop, before the same provider is tried again: what fails at once must not spin. */
  pause(): Promise<void> {
    return this.wait(new Promise((resolve) => void after(0, resolve)))
  }

  /** Calls `fn` on `link` once. Rejects only with what ends the whole run. */
  attempt(link: Link<Source, Service>): Promise<Ending<T>> {
    if (this.#end) return Promise.reject(this.#end.error)
    const { signal, attemptTimeoutMs, deadlineMs } = this.#settings
    this.#inDoubt = true
    const isLimited = signal || Math.min(attemptTimeoutMs, deadlineMs) < Number.POSITIVE_INFINITY
    return isLimited ? this.#limitedAttempt(link) : this.#call(link, link.context.signal)
  }

  async #limitedAttempt(link: Link<Source, Service>): Promise<Ending<T>> {
    const controller = new AbortController()
    const giveUp = (reason: unknown) => controller.abort(reason)
    const forgetClosing = onAbort(link.context.signal, giveUp)
    const expiry = this.#expiry(link, giveUp)
    const called = this.#call(link, controller.signal).then((ending) => {
      // What only says that it was given up is no result: the check decides.
      const isResult = 'value' in ending || ending.isDisconnected || !saysNoMoreThan(controller.signal, ending.error)
      return isResult ? ending : expiry.promise
    })
    try {
      return await this.wait(Promise.race([called, expiry.promise]), (reason) => {
        giveUp(reason)
        if (reason instanceof TimeoutError) void link.check('timeout', false)
      })
    } finally {
      expiry.timer.cancel()
      forgetClosing()
    }
  }

  /** How an attempt ends that takes longer than it may: its provider is checked, and if it is well that ends the run. */
  #expiry(link: Link<Source, Service>, giveUp: (reason: unknown) => void) {
    let timer!: Timer
    const { attemptTimeoutMs } = this.#settings
    const due = new Promise<void>((resolve) => {
      timer = after(attemptTimeoutMs, resolve)
    })
    const promise = due.then(async (): Promise<Ending<T>> => {
      const error = this.#timeout('attemptTimeoutMs', `an attempt on ${link.id}`)
      giveUp(error)
      if (await link.check('timeout')) throw error
      return { error, isExpired: true, durationMs: attemptTimeoutMs }
    })
    return { promise, timer }
  }

  #call(link: Link<Source, Service>, signal: AbortSignal): Promise<Ending<T>> {
    const startedAt = now()
    return link.call(this.#fn, { ...link.context, attempt: this.#failures.length + 1, signal }).then(
      (value) => ({ value: link.succeed(value) }),
      (error) => {
        const isDisconnected = link.state === 'closed'
        link.release()
        return { error, isDisconnected, durationMs: now() - startedAt }
      },
    )
  }

  /**
   * An attempt failed through its provider: returns the error that ends the run, if it may not go on.
   *
   * @param mayBeApplied - whether the operation may have been applied
   */
  failed(
    link: Link<Source, Service>,
    error: unknown,
    durationMs: number,
    mayBeApplied: boolean,
  ): TourniquetError | undefined {
    const { idempotent, maxAttempts = this.#providers() + 1 } = this.#settings
    this.#failures.push({ id: link.id, source: link.source, error, durationMs })
    this.#inDoubt = false
    this.#unknown ||= mayBeApplied
    const isLast = this.#failures.length >= maxAttempts
    if (!isLast && !(mayBeApplied && !idempotent)) return undefined
    const details = { provider: link.id, source: link.source, outcome: this.#outcome, attempts: this.#attempts }
    if (mayBeApplied && !idempotent) {
      const message = `${link.id} failed (${brief(error)}) and may have applied the operation; it is not idempotent, so it was not sent again`
      return new OutcomeUnknownError(said(this.#settings, message), { ...details, cause: error })
    }
    return new ExhaustedError(said(this.#settings, 'no provider could serve this run'), details)
  }

  /** The `RoundRobin` was closed while this run waited, or before it could try again. */
  closed(by: ClosedError): ClosedError {
    const cause = this.#failures.at(-1)?.error
    return new ClosedError(by.message, { outcome: this.#outcome, cause })
  }

  /** What has been tried, for an error: most runs that fail over never need it. */
  get #attempts(): Attempt<Source>[] {
    return this.#failures.map((each) => toAttempt(each, each.error, each.durationMs))
  }

  get #outcome(): Outcome {
    return this.#unknown || this.#inDoubt ? 'unknown' : 'not-applied'
  }

  #timeout(limit: 'deadlineMs' | 'attemptTimeoutMs', what: string): TimeoutError {
    const message = `${what} took longer than ${this.#settings[limit]} ms (${limit})`
    return new TimeoutError(said(this.#settings, message), {
      limit,
      outcome: this.#outcome,
      attempts: this.#attempts,
    })
  }
}

/** Whether an error only repeats that this signal has aborted. */
function saysNoMoreThan({ aborted, reason }: AbortSignal, error: unknown): boolean {
  const { name, cause } = (error ?? {}) as Partial<Record<string, unknown>>
  return aborted && (error === reason || cause === reason || name === 'AbortError')
}
