import { status as Code, Metadata } from '@grpc/grpc-js'
import { type Attempt, type Outcome, TimeoutError, TourniquetError } from '@tourniquet/core'
import { CallError } from './call-error.ts'
import type { EndedStatus } from './origin.ts'

/**
 * The status of a call that its provider failed. The error that a grpc-js client makes of it has all its properties:
 * `outcome` says whether the call may have been applied; `cause` is the error of `@tourniquet/core`, unless the call was
 * committed.
 */
export interface FailoverStatus extends EndedStatus {
  readonly outcome: Outcome
  readonly cause?: unknown
}

export function statusOf(error: unknown): FailoverStatus {
  const last = [error, (error as Error | undefined)?.cause].find((each) => each instanceof CallError)
  const code = last?.code ?? (error instanceof TimeoutError ? Code.DEADLINE_EXCEEDED : Code.UNAVAILABLE)
  const outcome = error instanceof TourniquetError ? error.outcome : 'unknown'
  return { code, details: detailsOf(error), metadata: last?.metadata ?? new Metadata(), outcome, cause: error }
}

/** With what each provider said: that is in the error's `attempts`, and most see the details only. */
function detailsOf(error: unknown): string {
  const { message = String(error), attempts = [] } = (error ?? {}) as Partial<Error> & { attempts?: Attempt[] }
  const words = (error: unknown) =>
    String((error as Partial<Error> | undefined)?.message).replace(/ Resolution note: $/, '')
  const said = attempts.map((each) => `${each.provider}: ${words(each.error)}`)
  return [message, ...new Set(said)].join('; ')
}
