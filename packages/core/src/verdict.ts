import type { Connector, Phase, Verdict } from './connector.ts'
import { TourniquetError } from './errors.ts'
import { task } from './time.ts'

const rows: readonly (readonly [Verdict, string])[] = [
  // Nothing was ever sent: there was no connection to send it on.
  ['next', 'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN EADDRNOTAVAIL'],
  ['next', 'UND_ERR_CONNECT_TIMEOUT'], // Node's fetch
  ['next', 'ConnectionRefused FailedToOpenSocket AddrNotAvailable NetworkUnreachable HostUnreachable NotConnected'], // Bun, Deno
  // There was a connection: the bytes may have arrived.
  ['unsure', 'ECONNRESET EPIPE ECONNABORTED ETIMEDOUT ERR_STREAM_PREMATURE_CLOSE'],
  ['unsure', 'UND_ERR_SOCKET UND_ERR_HEADERS_TIMEOUT'], // Node's fetch: closed before the reply, no reply
  ['unsure', 'ConnectionClosed ConnectionReset ConnectionAborted BrokenPipe TimedOut UnexpectedEof'], // Bun, Deno
  // Our own process has no file descriptor left: every provider would seem down.
  ['caller', 'EMFILE ENFILE'],
]

/**
 * What every runtime's network errors, by code or name, say of an operation that was running. A connector's `judge` may
 * look here, have rows of its own, and return `undefined` for the rest.
 */
export const defaultTable: ReadonlyMap<unknown, Verdict> = new Map(
  rows.flatMap(([verdict, words]) => words.split(' ').map((word) => [word, verdict] as const)),
)

const gravity = [undefined, 'next', 'unsure', 'caller'] as const
const verdicts: readonly Verdict[] = ['caller', 'next', 'unsure', 'suspect']

/** The row for `error`, for its `cause` (fetch), or for the gravest of its `errors` (happy eyeballs). */
function lookUp(error: unknown, depth: number): Verdict | undefined {
  const { code, name, cause, errors } = (error ?? {}) as Partial<Record<string, unknown>>
  const own = defaultTable.get(code) ?? defaultTable.get(name)
  const isPlain = cause === undefined && errors === undefined
  // An error of ours tells of other providers: those of a `RoundRobin` inside the connector or the run.
  if (own || isPlain || depth === 0 || error instanceof TourniquetError) return own
  const within = errors ?? [cause]
  if (!Array.isArray(within)) return undefined
  const inner = within.map((each) => gravity.indexOf(lookUp(each, depth - 1) as 'next'))
  return inner.includes(0) ? undefined : gravity[Math.max(...inner)]
}

/**
 * The verdict where a connector has none: the table's row; for an error it does not know, `'next'` while connecting and
 * `'caller'` during a run. While connecting nothing was sent, so only `'caller'` stops.
 */
export function defaultVerdict(error: unknown, phase: Phase): Verdict {
  const known = lookUp(error, 4)
  if (phase === 'run') return known ?? 'caller'
  return known === 'caller' ? known : 'next'
}

/**
 * Judges an error: a promise only where the connector's `judge` gives one.
 *
 * @param isDisconnected - the engine had disconnected the service before the error came. Then the error tells nothing
 *   but that, unless the connector knows that the operation was never sent.
 */
export type Judge = (error: unknown, phase: Phase, isDisconnected?: boolean) => Verdict | Promise<Verdict>

/** The connector's judge, with the default table below it. */
export function judgeOf(connector: Pick<Connector<never, never>, 'judge'>, limitMs: number): Judge {
  return (error, phase, isDisconnected) => {
    const conclude = (own?: Verdict): Verdict => {
      if (isDisconnected) return own === 'next' ? own : 'unsure'
      // A word that is no verdict says nothing of the error: it goes to the caller.
      return own === undefined ? defaultVerdict(error, phase) : verdicts.includes(own) ? own : 'caller'
    }
    // A judge that throws, or does not answer in time, must not hide the error: it goes to the caller.
    const unjudged = () => conclude('caller')
    try {
      const own = connector.judge?.(error, phase)
      return typeof own === 'object'
        ? task(limitMs, () => own, unjudged)
            .promise.then(conclude)
            .catch(unjudged)
        : conclude(own)
    } catch {
      return unjudged()
    }
  }
}
