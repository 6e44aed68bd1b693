import { status as Code } from '@grpc/grpc-js'
import type { Verdict } from '@tourniquet/core'
import { type EndedStatus, isAnswer, type Origin, origin } from './origin.ts'

/** A status that a server's application says, and that may be made the provider's fault. */
export type MovingCode = 'RESOURCE_EXHAUSTED' | 'UNAUTHENTICATED' | 'UNIMPLEMENTED'

interface Row {
  readonly of: Origin
  /** Any, if left out. */
  readonly code?: Code
  /** All of it, or how it begins. Any, if left out. */
  readonly details?: string | RegExp
  readonly verdict: Verdict
}

// The first that fits holds; what none fits is the caller's. Reasons stand where a row is not plain from `Origin`.
// The words of grpc-js change: `test/verdict.test.ts` brings about each row, with the oldest and newest version.
const rows: readonly Row[] = [
  { of: 'caller', verdict: 'caller' },
  { of: 'deadline', verdict: 'caller' },
  { of: 'engine', verdict: 'unsure' },
  // A generator of call credentials failed, and would with any provider.
  { of: 'unsent', details: /^Getting metadata from plugin failed/, verdict: 'caller' },
  { of: 'unsent', code: Code.UNAVAILABLE, verdict: 'next' },
  { of: 'unsent', code: Code.INTERNAL, details: /^Failed to start HTTP\/2 stream/, verdict: 'next' },
  // It is down, or about to be. Whether it did something first, only it could tell.
  { of: 'server', code: Code.UNAVAILABLE, verdict: 'unsure' },
  { of: 'local', details: /^Getting metadata from plugin failed/, verdict: 'caller' },
  // REFUSED_STREAM, and what GOAWAY says of later streams: HTTP/2 promises that it was not processed.
  { of: 'local', code: Code.UNAVAILABLE, details: 'Stream refused by server', verdict: 'next' },
  { of: 'local', code: Code.INTERNAL, details: /^Failed to start HTTP\/2 stream/, verdict: 'next' },
  { of: 'local', code: Code.UNAVAILABLE, verdict: 'unsure' },
  { of: 'local', code: Code.CANCELLED, details: 'Call cancelled', verdict: 'unsure' },
  { of: 'local', code: Code.INTERNAL, details: /^Received RST_STREAM/, verdict: 'unsure' },
  { of: 'local', code: Code.UNKNOWN, details: 'No status information received', verdict: 'unsure' },
  // RST_STREAM with ENHANCE_YOUR_CALM and INADEQUATE_SECURITY, in the words of an application.
  { of: 'local', code: Code.RESOURCE_EXHAUSTED, details: /^Bandwidth exhausted/, verdict: 'unsure' },
  { of: 'local', code: Code.PERMISSION_DENIED, details: 'Protocol not secure enough', verdict: 'unsure' },
]

const opted: Readonly<Record<MovingCode, Verdict>> = {
  // A server that is out of something may have begun.
  RESOURCE_EXHAUSTED: 'unsure',
  UNAUTHENTICATED: 'next',
  UNIMPLEMENTED: 'next',
}

export const movingCodes: readonly string[] = Object.keys(opted)

/**
 * Whose fault a failed call is.
 *
 * @param moving - what an application may say that is its provider's fault: by default only UNAVAILABLE is
 */
export function verdictOf(status: EndedStatus, moving: readonly MovingCode[] = []): Verdict {
  const of = originOf(status)
  const { code, details } = status
  const choice = moving.find((name) => Code[name] === code)
  if (of === 'server' && choice) return isHeldBack(status) ? 'caller' : opted[choice]
  const row = rows.find((each) => each.of === of && (each.code ?? code) === code && fits(each.details, details))
  return row?.verdict ?? 'caller'
}

/** A call that did not go through one of our channels has no mark: then its words must do. */
function originOf(status: EndedStatus): Origin {
  const own = status[origin]
  if (own) return own
  if (isAnswer(status)) return 'server'
  return /^(No connection established|Channel closed before call started)/.test(status.details) ? 'unsent' : 'local'
}

function fits(expected: Row['details'], details: string): boolean {
  if (expected === undefined) return true
  return typeof expected === 'string' ? expected === details : expected.test(details)
}

/** How long a server asks to be left alone before the call is sent again: `grpc-retry-pushback-ms`. */
export function pushbackMs({ metadata }: Pick<EndedStatus, 'metadata'>): number {
  const [ms] = metadata.get('grpc-retry-pushback-ms')
  const number = Number(ms ?? 0)
  return Number.isInteger(number) && number >= 0 ? number : Number.POSITIVE_INFINITY
}

/** Whether the server says that the call must not be sent again: a pushback that is negative, or no number. */
function isHeldBack(status: EndedStatus): boolean {
  return pushbackMs(status) === Number.POSITIVE_INFINITY
}
