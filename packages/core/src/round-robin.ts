import { assertConnector, type Connector, type Verdict } from './connector.ts'
import { Current } from './current.ts'
import { ExhaustedError, hide, InvalidError, type TourniquetError } from './errors.ts'
import type { Events, Listener } from './events.ts'
import type { Link, RunFunction } from './link.ts'
import { type CloseOptions, drainMsOf, forRun, isDirect, type Options, type RunOptions, toSettings } from './options.ts'
import { isCooling, type ProviderInfo } from './provider.ts'
import { Run } from './run.ts'

/**
 * Sticky round-robin failover: connects to one of the providers, stays with it while it is up, and moves to the next
 * when it is to blame. It is for resilience; it does not balance load.
 *
 * @typeParam Source - what identifies a provider: a URL, an options object
 * @typeParam Service - the connected handle that `run` hands out
 */
export class RoundRobin<Source, Service> {
  readonly #current: Current<Source, Service>
  readonly #isUnlimited: boolean
  /** The same as `close()`: for `await using`. There where the platform has the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>
  #closing: Promise<void> | undefined

  /**
   * Nothing is connected before the first run.
   *
   * @throws {@link InvalidError} where the sources, the connector or an option are not as expected
   */
  constructor(sources: readonly Source[], connector: Connector<Source, Service>, options?: Options) {
    assertConnector(connector)
    const settings = toSettings(options, connector.probe !== undefined)
    this.#current = new Current(sources, connector, settings)
    this.#isUnlimited = Math.min(settings.deadlineMs, settings.attemptTimeoutMs) === Number.POSITIVE_INFINITY
  }

  /**
   * Calls `fn` with the current service, connecting first if there is none. If it fails through the provider's fault it
   * is called again with the next provider's, as far as that is safe: see {@link Verdict} and `idempotent`.
   *
   * Rejects with `fn`'s own error where that is the caller's fault; with {@link ExhaustedError} when `maxAttempts`
   * failed; with {@link OutcomeUnknownError} when the operation may have been applied and is not idempotent; with
   * {@link TimeoutError}, the reason of `signal`, {@link ClosedError} or {@link InvalidError}. It never throws.
   */
  run<T>(fn: RunFunction<Service, Source, T>, options?: RunOptions): Promise<T> {
    const { link } = this.#current
    if (link === undefined || !this.#isUnlimited || (options !== undefined && !isDirect(options))) {
      return this.#begin(fn, options, (run) => this.#loop(run))
    }
    // What was said holds for this run, also if the caller uses the object again for another.
    const own = options && { ...options }
    // The path of nearly every call: nothing is awaited, and no object is built that only a failure needs.
    return link.call(fn, link.context).then(link.succeed, (error) => this.#callFailed(link, fn, own, error))
  }

  /** Warms up: resolves to the current source when its service is up. Rejects as {@link run} does. */
  connect(options?: RunOptions): Promise<Source> {
    return this.#begin(idle, options, async (run) => {
      while (!this.#current.link) this.#missed(run, await this.#dialled(run))
      return this.#current.link.source
    })
  }

  /** The source that runs go to; undefined before the first connect, while reconnecting, and after `close`. */
  get current(): Source | undefined {
    return this.#current.link?.source
  }

  /** All providers in their order. */
  get providers(): readonly ProviderInfo<Source>[] {
    const { link, spare, ring } = this.#current
    return ring.providers.map((each) => {
      const idle = isCooling(each) ? 'cooling' : 'idle'
      const state = each === link?.provider ? 'current' : each === spare.link?.provider ? 'spare' : idle
      const info = {
        provider: each.id,
        state,
        ...(each.lastError !== undefined && { lastError: each.lastError }),
      } as const
      return hide(info, 'source', each.source) as ProviderInfo<Source>
    })
  }

  /**
   * Changes the list. The current provider stays if its id is still in it; else new runs start at the first of the new
   * list, and its service is drained.
   *
   * @throws {@link InvalidError}, and the old list stays; {@link ClosedError}
   */
  setSources(sources: readonly Source[]): void {
    this.#current.setSources(sources)
  }

  /**
   * An operator's move: connects the next provider, then goes there and drains the former; with one provider it replaces
   * the connection. Resolves to the new source. Rejects, and changes nothing, if none is up. Calls at the same time share
   * one move.
   *
   * @param reason - the `error` of the `failover` event
   */
  async failover(reason?: unknown): Promise<Source> {
    await this.#current.spare.failover(reason)
    return this.connect()
  }

  /** Listens to an event; returns the function that removes the listener. One that throws harms nothing. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Events<Source>[Name]>): () => void {
    return this.#current.events.on(event, listener)
  }

  /**
   * Ends everything. Runs that wait for a service reject with {@link ClosedError} at once; what is in flight may finish
   * for `drainMs`, but gets no further attempt. Resolves when every service is disconnected. Called again it returns the
   * same promise; a smaller `drainMs` shortens it.
   */
  close(options?: CloseOptions): Promise<void> {
    try {
      const drainMs = drainMsOf(options, this.#closing ? Number.POSITIVE_INFINITY : this.#current.settings.drainMs)
      if (this.#closing) this.#current.drainAll(drainMs)
      else {
        let settle!: (closed: Promise<void>) => void
        this.#closing = new Promise((resolve) => {
          settle = resolve
        })
        settle(this.#current.close(drainMs)) // what this aborts may call `close` again
      }
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Sets up what a run needs that has to wait, or has limits. */
  async #begin<T, R>(
    fn: RunFunction<Service, Source, T>,
    options: RunOptions | undefined,
    work: (run: Run<T, Source, Service>) => Promise<R>,
  ): Promise<R> {
    const run = this.#newRun(fn, options)
    try {
      return await work(run)
    } finally {
      run.end()
    }
  }

  #newRun<T>(fn: RunFunction<Service, Source, T>, options: RunOptions | undefined): Run<T, Source, Service> {
    const settings = forRun(options, this.#current.settings)
    if (typeof fn !== 'function') throw new InvalidError(`run needs a function; got ${typeof fn}`)
    settings.signal?.throwIfAborted()
    return new Run(fn, settings, () => this.#current.ring.providers.length)
  }

  /** The life of a run: a service, an attempt on it, and if that failed, what follows from it. */
  async #loop<T>(run: Run<T, Source, Service>, failed?: Failed<Source, Service>): Promise<T> {
    for (let attempt = failed; ; ) {
      const asking = attempt && this.#recover(run, attempt)
      if (asking) await asking
      const { link } = this.#current
      if (!link) {
        attempt = undefined
        this.#missed(run, await this.#dialled(run))
        continue
      }
      const ending = await run.attempt(link)
      if ('value' in ending) return ending.value
      const { error, durationMs, isExpired } = ending
      const judged = isExpired ? 'unsure' : this.#current.judge(error, 'run', ending.isDisconnected)
      attempt = { link, error, durationMs, isExpired, judged }
    }
  }

  /** Waits for the dial under way, or the next. */
  #dialled<T>(run: Run<T, Source, Service>): Promise<Link<Source, Service> | undefined> {
    const { closedBy } = this.#current
    if (closedBy) throw run.closed(closedBy)
    let forget: (() => void) | undefined
    const dialled = new Promise<Link<Source, Service> | undefined>((resolve) => {
      forget = this.#current.wait(resolve)
    })
    return run.wait(dialled, forget)
  }

  /** If the dial that a run waited for failed, that is an attempt of each run that did. */
  #missed<T>(run: Run<T, Source, Service>, link: Link<Source, Service> | undefined): void {
    if (link?.failure) this.#giveUpIf(run.failed(link, link.failure.error, link.dialMs, false), link)
  }

  /** A call on the connected path failed. */
  #callFailed<T>(
    link: Link<Source, Service>,
    fn: RunFunction<Service, Source, T>,
    options: RunOptions | undefined,
    error: unknown,
  ): Promise<T> {
    const isDisconnected = link.state === 'closed'
    link.release()
    const judged = this.#current.judge(error, 'run', isDisconnected)
    if (judged === 'caller') throw error
    return this.#loop(this.#newRun(fn, options), { link, error, durationMs: Number.NaN, judged })
  }

  /** Draws the consequences of an attempt that failed: the run may go on, or it throws what ends it. */
  #recover<T>(run: Run<T, Source, Service>, failed: Failed<Source, Service>): Promise<void> | undefined {
    const { judged } = failed
    if (judged === 'next' || judged === 'unsure') this.#leave(run, failed, judged)
    else return this.#ask(run, failed)
    return undefined
  }

  /** The verdict is to come, or a probe is. */
  async #ask<T>(run: Run<T, Source, Service>, failed: Failed<Source, Service>): Promise<void> {
    const verdict = await run.wait(Promise.resolve(failed.judged))
    if (verdict === 'caller') throw failed.error
    const isWell = verdict === 'suspect' && (await run.wait(failed.link.check('probe')))
    this.#leave(run, failed, verdict, isWell)
    if (isWell) await run.pause()
  }

  #leave<T>(run: Run<T, Source, Service>, failed: Failed<Source, Service>, verdict: Verdict, isWell = false): void {
    const current = this.#current
    const { link, error, durationMs, isExpired } = failed
    if (!isWell) current.leave(link, isExpired ? 'timeout' : 'error', error)
    current.fail(link, error, 'run', verdict)
    this.#giveUpIf(run.failed(link, error, durationMs, verdict !== 'next'), link)
    if (current.closedBy) throw run.closed(current.closedBy)
  }

  #giveUpIf(error: TourniquetError | undefined, link: Link<Source, Service>): void {
    if (!error) return
    if (error instanceof ExhaustedError) this.#current.events.emit('exhausted', link, { error })
    throw error
  }
}

if (Symbol.asyncDispose) {
  hide(RoundRobin.prototype, Symbol.asyncDispose, function (this: RoundRobin<unknown, unknown>) {
    return this.close()
  })
}

/** An attempt that failed, and whose fault that is. */
interface Failed<Source, Service> {
  readonly link: Link<Source, Service>
  readonly error: unknown
  readonly durationMs: number
  /** It was given up, and its provider could not be shown to be well. */
  readonly isExpired?: boolean | undefined
  readonly judged: Verdict | Promise<Verdict>
}

/** What `connect` runs. */
const idle = (): undefined => undefined
