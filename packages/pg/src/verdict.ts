import { defaultVerdict, type Phase, TourniquetError, type Verdict } from '@tourniquet/core'

interface Row {
  /** SQLSTATEs, in the words of appendix A of PostgreSQL's manual. */
  readonly code: RegExp
  /** While a session is begun. */
  readonly connect: Verdict
  /** Once a statement was written. */
  readonly run: Verdict
}

const rows: readonly Row[] = [
  // cannot_connect_now: it starts, stops or recovers. Nothing was done.
  { code: /^57P03$/, connect: 'next', run: 'next' },
  // too_many_connections. libpq stops there; another server may have room.
  { code: /^53300$/, connect: 'next', run: 'next' },
  // admin_shutdown, crash_shutdown, database_dropped, idle_session_timeout: one session that somebody has ended looks the
  // same. It may come after a commit that waits for a synchronous standby.
  { code: /^57P0[1245]$/, connect: 'next', run: 'suspect' },
  // connection_exception: as if the network said it. Poolers do.
  { code: /^080(00|01|03|04|06)$/, connect: 'next', run: 'suspect' },
  // transaction_resolution_unknown, statement_completion_unknown
  { code: /^(08007|40003)$/, connect: 'next', run: 'unsure' },
  // Its disk, its files or its memory failed: the statement was rolled back.
  { code: /^(58...|XX001|XX002|53100|53200)$/, connect: 'next', run: 'next' },
  // Poolers have no words of their own for a server that they cannot reach.
  { code: /^(08P01|XX000|53...)$/, connect: 'next', run: 'caller' },
]

interface TextRow {
  /** What node-postgres itself says: it gives no code. */
  readonly says: RegExp
  readonly connect: Verdict
  readonly run: Verdict
}

const words: readonly TextRow[] = [
  { says: /^Query read timeout$/, connect: 'next', run: 'suspect' },
  { says: /^Connection terminated/, connect: 'next', run: 'suspect' },
  {
    says: /^Client (has encountered a connection error|was closed) and is not queryable$/,
    connect: 'next',
    run: 'next',
  },
  // No slot is free: that says nothing of the server.
  { says: /^timeout exceeded when trying to connect$/, connect: 'caller', run: 'caller' },
  // What the caller wants, this server cannot: nor can the others, since libpq stops there, too.
  { says: /^(SASL: |The server does not support SSL connections)/, connect: 'caller', run: 'caller' },
]

const marks = new WeakMap<object, Verdict>()

/** Says of an error whose fault it is, where its words do not. */
export function marked<E extends object>(verdict: Verdict, error: E): E {
  marks.set(error, verdict)
  return error
}

const tainted = new WeakSet<object>()

/** Says of an error that something else of its attempt may have been applied, though this statement was not. */
export function taint<E extends object>(error: E): E {
  tainted.add(error)
  return error
}

export function isTainted(error: unknown): boolean {
  return tainted.has(error as object)
}

const unsent = new WeakMap<object, AbortSignal>()

/** Says of an error of an attempt, the one with this signal, that no client was to be had: nothing was asked of a server. */
export function markUnsent<E extends object>(attempt: AbortSignal, error: E): E {
  unsent.set(error, attempt)
  return error
}

/** Whose fault an error is; undefined where the table of `@tourniquet/core` decides. A write that was refused: see `isReadOnly`. */
export function verdictOf(error: unknown, phase: Phase): Verdict | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  // Of what comes when a server has been left the engine thinks the worst: but here nothing was sent.
  if (unsent.get(error)?.aborted) return 'next'
  const verdict = marks.get(error) ?? ownVerdict(error, phase)
  return verdict === 'next' && isTainted(error) ? 'unsure' : verdict
}

function ownVerdict(error: object, phase: Phase): Verdict | undefined {
  // The engine's own word: a dial took too long, or a run was judged already.
  if (error instanceof TourniquetError) return phase === 'connect' ? 'next' : 'caller'
  const { code, message = '' } = error as { code?: unknown; message?: string }
  const row =
    rows.find((each) => typeof code === 'string' && each.code.test(code)) ??
    words.find(({ says }) => says.test(message))
  if (row) return row[phase]
  // It has answered, which proves it well; or it is no error of the driver's.
  return phase === 'run' || isSqlState(error) ? 'caller' : undefined
}

/** The same while a session is begun: never undefined. */
export function dialVerdict(error: unknown): Verdict {
  return verdictOf(error, 'connect') ?? defaultVerdict(error, 'connect')
}

/** Whether a server has refused a write: it may be a standby, or the caller's own transaction is read-only. */
export function isReadOnlyError(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '25006'
}

/** Whether a server said so, and not the network. */
function isSqlState(error: object): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined
}

/** Whether a session says that the server behind it is no more, and not that somebody has ended this one. */
export function isServerGone(error: object): boolean {
  const { code, routine, message = '' } = error as { code?: unknown; routine?: unknown; message?: string }
  // 57P02 crash_shutdown. A session that waits for its client says 57P01 when the postmaster has died.
  return code === '57P02' || (code === '57P01' && (routine === 'secure_read' || message.includes('postmaster exit')))
}

/** Whether a server has ended a session for what was done there, such as a transaction that idled for too long: it would again. */
export function isEndedForCause(error: object): boolean {
  return isSqlState(error) && verdictOf(error, 'run') === 'caller'
}

/** Whether a server has ended the session with it. */
export function isFatal(error: object): boolean {
  const { severity } = error as { severity?: unknown }
  return severity === 'FATAL' || severity === 'PANIC'
}
