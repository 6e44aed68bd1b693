import type { Phase, Verdict } from './connector.ts'
import { type ExhaustedError, hide, InvalidError } from './errors.ts'

/** Why the engine left a service. */
export type FailoverReason = 'error' | 'lost' | 'probe' | 'timeout' | 'failback' | 'removed' | 'manual'

interface Common<Source> {
  /** The `name` option of the `RoundRobin`. */
  readonly name?: string
  /** The id of the provider this is about. */
  readonly provider?: string
  /** Its source, the caller's own object. Not enumerable. */
  readonly source?: Source
}

/** What each event carries. */
export interface Events<Source = unknown> {
  /** A service is up. */
  connect: Common<Source> & { readonly durationMs: number }
  /**
   * A provider failed: a connect, an attempt that was not the caller's fault, a probe; or its service was lost. It
   * comes once for each run that met the failure.
   */
  fail: Common<Source> & {
    readonly error: unknown
    readonly phase: Phase | 'probe' | 'lost'
    readonly verdict: Verdict
  }
  /**
   * Runs go to another service now. Once, when it is current. `from` and `to` are ids, the same for a new connection to
   * the same provider. `durationMs` is the time from the first dial for it. `error` is what made the engine leave, or
   * the reason given to `failover()`.
   */
  failover: Common<Source> & {
    readonly from: string
    readonly to: string
    readonly reason: FailoverReason
    readonly error?: unknown
    readonly durationMs: number
  }
  /** A service was disconnected; `error` is what its `disconnect` threw, or that it took too long. */
  disconnect: Common<Source> & { readonly error?: unknown }
  /** A run ended with this error. */
  exhausted: Common<Source> & { readonly error: ExhaustedError }
  /** Everything is closed. */
  close: Common<Source>
}

/** What it returns is ignored; one that throws, at once or later, harms nothing. */
export type Listener<Event> = (event: Event) => unknown

/** The names of all events. */
export const eventNames: readonly (keyof Events)[] = ['connect', 'fail', 'failover', 'disconnect', 'exhausted', 'close']

type About<Source> = { readonly id: string; readonly source: Source }

/** The listeners of one `RoundRobin`. An event that nobody listens for costs nothing. */
export class Emitter<Source> {
  readonly #listeners = new Map<unknown, Set<(event: never) => unknown>>()
  readonly #common: object

  constructor(name: string | undefined) {
    this.#common = name === undefined ? {} : { name }
  }

  on<Name extends keyof Events>(event: Name, listener: Listener<Events<Source>[Name]>): () => void {
    if (!eventNames.includes(event)) {
      throw new InvalidError(`there is no event ${event}; there are ${eventNames.join(', ')}`)
    }
    if (typeof listener !== 'function') throw new InvalidError(`the listener of ${event} must be a function`)
    const entry = (body: Events<Source>[Name]): unknown => listener(body) // a listener may be added twice
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(entry))
    return () => void listeners.delete(entry)
  }

  emit<Name extends keyof Events>(
    event: Name,
    about: About<Source> | undefined,
    body: Omit<Events<Source>[Name], keyof Common<Source>>,
  ): void {
    const listeners = this.#listeners.get(event)
    if (!listeners?.size) return
    for (const listener of [...listeners]) {
      const payload = hide({ ...this.#common, provider: about?.id, ...body }, 'source', about?.source)
      void notify(listener as (event: object) => unknown, payload)
    }
  }
}

/** A listener that throws, at once or later, harms nothing: the error is its own. */
async function notify(listener: (event: object) => unknown, payload: object): Promise<void> {
  try {
    await listener(payload)
  } catch {}
}
