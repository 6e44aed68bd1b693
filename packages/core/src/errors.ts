/** Whether the operation of a run that failed may have been applied by a provider. `'not-applied'` is always true. */
export type Outcome = 'not-applied' | 'unknown'

/** One provider tried in one run. */
export interface Attempt<Source = unknown> {
  readonly provider: string
  /** The caller's own object. Not enumerable, so that no log shows it. */
  readonly source: Source
  readonly error: unknown
  /**
   * How long the dial, or the call of `fn`, took. NaN for a first call on the connected path without limits: timing it
   * would double what that path costs.
   */
  readonly durationMs: number
}

/** What an error of ours knows beside its message. */
export interface ErrorDetails {
  readonly cause?: unknown
  /** Default `'not-applied'`. */
  readonly outcome?: Outcome
  /** The id of the provider it is about. */
  readonly provider?: string
  readonly source?: unknown
  readonly attempts?: readonly Attempt[]
  readonly limit?: string
}

// An application may hold two copies of this package: `instanceof` goes by this mark, which is the error's code.
const mark = Symbol.for('tourniquet.error')
type Marked = { readonly [mark: symbol]: string }

/** What every error of this package extends. */
export class TourniquetError extends Error {
  /** Stable: what to compare with. */
  declare readonly code: string
  /** Whether the operation may have been applied. */
  declare readonly outcome: Outcome
  /** The id of the provider it is about, where it is about one. */
  declare readonly provider?: string
  /** That provider's source, the caller's own object. Not enumerable. */
  declare readonly source?: unknown

  constructor(message: string, { cause, source, ...details }: ErrorDetails = {}) {
    super(message)
    Object.assign(this, { code: (this as unknown as Marked)[mark], outcome: 'not-applied' }, details)
    if (cause !== undefined) hide(this, 'cause', cause)
    hide(this, 'source', source)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const { prototype } = this
    if (!Object.hasOwn(prototype, mark)) return Object.prototype.isPrototypeOf.call(prototype, value as object)
    const own = (prototype as unknown as Marked)[mark] as string
    return String((value as Marked | null)?.[mark]).startsWith(own)
  }
}

/** No provider could serve the run: `attempts` says what each of them answered, `cause` is the last. */
export class ExhaustedError extends TourniquetError {
  declare readonly attempts: readonly Attempt[]
  /** The error of each attempt, as an `AggregateError` has them. */
  declare readonly errors: readonly unknown[]

  constructor(message: string, details: ErrorDetails & { readonly attempts: readonly Attempt[] }) {
    const tried = details.attempts.map(({ provider, error }) => `${provider} (${brief(error)})`)
    const errors = details.attempts.map(({ error }) => error)
    super(`${message}; tried ${tried.join(', ')}`, { ...details, cause: errors.at(-1) })
    hide(this, 'errors', errors)
  }
}

/** The operation may have been applied and is not `idempotent`, so it was not sent again. `cause` says what happened. */
export class OutcomeUnknownError extends TourniquetError {
  /** What was tried, this attempt included. */
  declare readonly attempts: readonly Attempt[]
}

/** A time limit has passed. */
export class TimeoutError extends TourniquetError {
  /** The option that set the limit. */
  declare readonly limit: string
  /** What was tried before. */
  declare readonly attempts: readonly Attempt[]
}

/** The `RoundRobin` was closed. */
export class ClosedError extends TourniquetError {}

/** An argument or option is wrong: the message names it, and says what was expected. */
export class InvalidError extends TourniquetError {}

// A minifier renames classes: their names are written out.
const types = { TourniquetError, ExhaustedError, OutcomeUnknownError, TimeoutError, ClosedError, InvalidError }
const codes = ['', '_EXHAUSTED', '_OUTCOME_UNKNOWN', '_TIMEOUT', '_CLOSED', '_INVALID']
for (const [index, [name, type]] of Object.entries(types).entries()) {
  hide(type.prototype, 'name', name)
  hide(type.prototype, mark, `TOURNIQUET${codes[index]}`)
}

/** Sets a property that no log, spread or JSON shows. */
export function hide<T extends object>(target: T, key: PropertyKey, value: unknown): T {
  return Object.defineProperty(target, key, { value, writable: true, configurable: true })
}

/** A message of ours: it begins with the `name` option, where there is one. */
export function said({ name }: { readonly name: string | undefined }, message: string): string {
  return name ? `${name}: ${message}` : message
}

/** What an attempt leaves behind. */
export function toAttempt<Source>(
  on: { id: string; source: Source },
  error: unknown,
  durationMs: number,
): Attempt<Source> {
  return hide({ provider: on.id, error, durationMs }, 'source', on.source) as Attempt<Source>
}

/** An error in one word. Never its message: a driver's message may show a password. */
export function brief(error: unknown): string {
  const { limit, code, name } = (error ?? {}) as Partial<Record<string, unknown>>
  return [limit, code, name].find((word) => typeof word === 'string') ?? typeof error
}
