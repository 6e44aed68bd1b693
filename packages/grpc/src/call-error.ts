import { status as Code, Metadata, type StatusObject } from '@grpc/grpc-js'
import { type EndedStatus, origin } from './origin.ts'

type Failure = Partial<EndedStatus> & Pick<StatusObject, 'code' | 'details'>

/** A status as an error: `code`, `details` and `metadata` as in the `ServiceError` of a grpc-js client. */
export class CallError extends Error {
  readonly code: Code
  readonly details: string
  readonly metadata: Metadata

  constructor(status: Failure) {
    const { code, details, metadata = new Metadata() } = status
    super(details)
    this.code = code
    this.details = details
    this.metadata = metadata
    Object.assign(this, { [origin]: status[origin] })
  }

  /** What errors of `@tourniquet/core` call it. */
  override get name(): string {
    return Code[this.code]
  }
}

/** Without a stack: a thousand calls fail in the same moment, and where grpc-js found out is of no use to anybody. */
export function callError(status: Failure): CallError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new CallError(status)
  Error.stackTraceLimit = stackTraceLimit
  return error
}
