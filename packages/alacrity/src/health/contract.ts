import type { CheckMethod, ServerCheck } from '../config/model.ts'

/** Where a check goes. */
export type CheckTarget = { readonly host: string; readonly port: number } | { readonly path: string }

/** HAProxy's words for what a check saw, as in its CSV's `check_status`. */
export type CheckStatus =
  | 'UNK'
  | 'INI'
  | 'SOCKERR'
  | 'L4OK'
  | 'L4TOUT'
  | 'L4CON'
  | 'L6OK'
  | 'L6TOUT'
  | 'L6RSP'
  | 'L7OK'
  | 'L7OKC'
  | 'L7TOUT'
  | 'L7RSP'
  | 'L7STS'
  /** Not a check: `observe` saw too many losses. */
  | 'HANA'

export interface CheckResult {
  readonly status: CheckStatus
  /** What the server answered: HTTP's status, SMTP's code. */
  readonly code?: number
  /** One line for people: `Connection refused`, `HTTP status check returned code <3C>503<3E>`. */
  readonly text: string
  readonly ms: number
}

/** What one check needs to know. */
export interface CheckOptions {
  readonly target: CheckTarget
  readonly method: CheckMethod
  readonly check: ServerCheck
  /** To connect. */
  readonly connectTimeoutMs: number
  /** For the answer, once connected. Not set: what `connectTimeoutMs` left, as HAProxy does without `timeout check`. */
  readonly answerTimeoutMs?: number
  /** Whether the server is up so far: `disable-on-404` is for those only. Default true. */
  readonly isUp?: boolean
  /** Aborted: the check ends at once, and its result does not count. */
  readonly signal: AbortSignal
}

/** Looks once. Never rejects: whatever happened is the result. */
export type RunCheck = (options: CheckOptions) => Promise<CheckResult>

/** What the checks of one server say, all in all. */
export interface Health {
  /** `nolb`: it answered 404 where `disable-on-404` says so: no new connections, but it is well. */
  readonly status: 'up' | 'down' | 'nolb'
  /** HAProxy's `check_health`, 0 to rise + fall - 1: below `rise` it is down. */
  readonly level: number
  readonly rise: number
  readonly fall: number
  /** Not set before the first check has ended. */
  readonly last?: CheckResult
}
