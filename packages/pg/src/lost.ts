import { OutcomeUnknownError, TourniquetError } from '@tourniquet/core'

/**
 * What becomes of a query whose connection is gone, where nobody can send it again. It has the code of the driver's error,
 * since libraries on top of the driver compare with that.
 */
export function lostError(error: Error, wasSent: boolean, provider: string | undefined): Error {
  const on = provider ?? 'the server'
  const details = { cause: error, ...(provider !== undefined && { provider }) }
  return withDriverCode(
    wasSent
      ? new OutcomeUnknownError(`the connection to ${on} was lost, and may have applied this`, {
          ...details,
          outcome: 'unknown',
        })
      : new TourniquetError(`the connection to ${on} was lost before this was sent`, details),
  )
}

/** An error of ours, with the code that the driver's own error has, if it has one. */
export function withDriverCode<E>(error: E): E {
  if (!(error instanceof OutcomeUnknownError) && !(error instanceof TourniquetError)) return error
  const code = codeOf(error.cause)
  return code === undefined ? error : Object.assign(error, { code })
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  if (error instanceof TourniquetError) return codeOf(cause)
  return typeof code === 'string' ? code : undefined
}
