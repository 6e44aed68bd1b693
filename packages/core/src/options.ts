import { InvalidError } from './errors.ts'

/** What a `RoundRobin` may be told. All times are in milliseconds; `Infinity` switches a time off. */
export interface Options {
  /** May an operation that may already have been applied be run again? Default `false`. */
  readonly idempotent?: boolean | undefined
  /** Attempts of one run, the first included. Default: the number of sources + 1, read live. May be `Infinity`. */
  readonly maxAttempts?: number | undefined
  /** One dial. Default 5000. */
  readonly connectTimeoutMs?: number | undefined
  /** One call of the function given to `run`. Default `Infinity`. */
  readonly attemptTimeoutMs?: number | undefined
  /** The whole run, its connects and waits included. Default `Infinity`. */
  readonly deadlineMs?: number | undefined
  /** The wait between rounds: after round k, at random up to min(maxMs, initialMs · 2^(k-1)). */
  readonly backoff?: Backoff | undefined
  /**
   * A provider that failed is not dialled again for this long, unless all are cooling: then the one that cools first.
   * Default 0, which switches it off.
   */
  readonly cooldownMs?: number | undefined
  /**
   * Probe the current service, and the spare, this often. Needs a connector with `probe`. Default `Infinity`, which
   * switches it off.
   */
  readonly heartbeatMs?: number | undefined
  /** One probe, and one promise of `judge`. Default 1000. */
  readonly probeTimeoutMs?: number | undefined
  /** How long what is in flight on a service may go on after it was left. Default 5000; 0 for not at all. */
  readonly drainMs?: number | undefined
  /**
   * If a dial has not settled after this long, dial the next provider too: the first one up wins. Default `Infinity`,
   * which switches it off; 0 for both at once.
   */
  readonly hedgeMs?: number | undefined
  /** Keep the next provider connected, so that a failover needs no dial. Default `false`. */
  readonly standby?: boolean | undefined
  /** Go back to an earlier provider once it has proved itself. Default: off. `{}` for the default times. */
  readonly failback?: Failback | undefined
  /** Shown in errors and events. */
  readonly name?: string | undefined
}

export interface Backoff {
  /** Default 50; `Infinity` switches the wait off. */
  readonly initialMs?: number | undefined
  /** Default 5000; `Infinity` for no cap. */
  readonly maxMs?: number | undefined
}

/** How to go back. After a manual `failover()` it rests until the next failure. */
export interface Failback {
  /** How long an earlier provider is kept connected, and probed, before it is taken. Default 30000. */
  readonly afterMs?: number | undefined
  /** How often an earlier provider is dialled until one is up, and probed from then on. Default 5000. */
  readonly intervalMs?: number | undefined
}

/** What one run may be told. What is left out is as the `RoundRobin` was told. */
export interface RunOptions {
  /** Ends the run: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** See {@link Options.deadlineMs}. */
  readonly deadlineMs?: number | undefined
  /** See {@link Options.attemptTimeoutMs}. */
  readonly attemptTimeoutMs?: number | undefined
  /** See {@link Options.maxAttempts}. */
  readonly maxAttempts?: number | undefined
  /** See {@link Options.idempotent}. */
  readonly idempotent?: boolean | undefined
}

export interface CloseOptions {
  /** How long runs in flight may go on. Default: the `drainMs` of the `RoundRobin`; in a second call, as the first said. */
  readonly drainMs?: number | undefined
}

const never = Number.POSITIVE_INFINITY
// The longest time that a timer of any platform can wait.
const longestMs = 2 ** 31 - 1
const isTime = (value: unknown) => typeof value === 'number' && ((value > 0 && value <= longestMs) || value === never)

/** What a value must be, in words, and whether it is. */
type Rule = readonly [expected: string, holds: (value: unknown) => boolean]
const time: Rule = [`a time in ms above 0 and up to ${longestMs}, or Infinity to switch it off`, isTime]
const timeOrZero: Rule = [`0 or ${time[0]}`, (value) => value === 0 || isTime(value)]
const count: Rule = [
  'a whole number above 0, or Infinity',
  (value) => isTime(value) && ((value as number) % 1 === 0 || value === never),
]
const flag: Rule = ['true or false', (value) => typeof value === 'boolean']
const text: Rule = ['a string', (value) => typeof value === 'string']
const record: Rule = ['an object', (value) => typeof value === 'object' && value !== null]
const signal: Rule = ['an AbortSignal', (value) => typeof (value as AbortSignal | null)?.throwIfAborted === 'function']

type Rules = Record<string, Rule>
const limits: Rules = { idempotent: flag, maxAttempts: count, attemptTimeoutMs: time, deadlineMs: time }
const runRules: Rules = { ...limits, signal }
const rules: Rules = {
  ...limits,
  connectTimeoutMs: time,
  backoff: record,
  cooldownMs: timeOrZero,
  heartbeatMs: time,
  probeTimeoutMs: time,
  drainMs: timeOrZero,
  hedgeMs: timeOrZero,
  standby: flag,
  failback: record,
  name: text,
}
const defaults = {
  idempotent: false,
  attemptTimeoutMs: never,
  deadlineMs: never,
  connectTimeoutMs: 5000,
  backoff: {},
  cooldownMs: 0,
  heartbeatMs: never,
  probeTimeoutMs: 1000,
  drainMs: 5000,
  hedgeMs: never,
  standby: false,
  failback: undefined,
  name: undefined,
  maxAttempts: undefined,
}

/** `base`, with what is given and not undefined over it. Throws `InvalidError` at the first option that is wrong. */
function read<T extends object>(given: object | undefined, rules: Rules, base: T, prefix = ''): T {
  const result = { ...base } as Record<string, unknown>
  if (given !== undefined && !record[1](given)) throw new InvalidError(`${prefix}options must be an object`)
  for (const name in given) {
    const value = given[name as keyof object] as unknown
    const rule = Object.hasOwn(rules, name) && rules[name]
    if (!rule) throw new InvalidError(`unknown option ${prefix}${name}; there are ${Object.keys(rules).join(', ')}`)
    if (value === undefined) continue
    // A wrong text is not shown: it may be a secret.
    const got = typeof value === 'number' ? value : typeof value
    if (!rule[1](value)) throw new InvalidError(`${prefix}${name} must be ${rule[0]}; got ${got}`)
    result[name] = value
  }
  return result as T
}

/** All options, with the defaults of those that were left out; `maxAttempts` has none, since it is read live. */
export type Settings = {
  readonly [Name in Exclude<keyof Options, 'maxAttempts' | 'name' | 'backoff' | 'failback'>]-?: NonNullable<
    Options[Name]
  >
} & {
  readonly maxAttempts: number | undefined
  readonly name: string | undefined
  readonly backoff: { readonly initialMs: number; readonly maxMs: number }
  readonly failback: { readonly afterMs: number; readonly intervalMs: number } | undefined
}

export function toSettings(given: Options | undefined, canProbe: boolean): Settings {
  const settings = read(given, rules, defaults)
  if (settings.heartbeatMs !== never && !canProbe) {
    throw new InvalidError('heartbeatMs needs a connector with a probe: give it one, or leave heartbeatMs out')
  }
  const backoff = read(settings.backoff, { initialMs: time, maxMs: time }, { initialMs: 50, maxMs: 5000 }, 'backoff.')
  const failback =
    settings.failback &&
    read(settings.failback, { afterMs: time, intervalMs: time }, { afterMs: 30_000, intervalMs: 5000 }, 'failback.')
  return { ...settings, backoff, failback }
}

/** What holds for one run. Throws `InvalidError` where an option is wrong. */
export function forRun(given: RunOptions | undefined, settings: Settings): Settings & RunOptions {
  return given === undefined ? settings : read(given, runRules, settings)
}

/** How long `close` drains. Throws `InvalidError` where the option is wrong. */
export function drainMsOf(given: CloseOptions | undefined, drainMs: number): number {
  return read(given, { drainMs: timeOrZero }, { drainMs }).drainMs
}

/** Whether a run with these options needs no timer and no listener. Options that are wrong do. */
export function isDirect(given: RunOptions): boolean {
  try {
    for (const name in given) {
      const value = given[name as keyof RunOptions]
      const isFine = (name === 'idempotent' && flag[1](value)) || (name === 'maxAttempts' && count[1](value))
      if (!isFine && (value !== undefined || !(name in runRules))) return false
    }
    return record[1](given)
  } catch {
    return false // a getter that throws; `run` must not
  }
}
