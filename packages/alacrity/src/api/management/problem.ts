import type { ServerResponse } from 'node:http'
import { send } from '../http/answers.ts'

const titles = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Not JSON',
  422: 'Not valid',
  500: 'Internal error',
} as const

/** A request that is refused: what its problem document says (RFC 9457). Nothing was changed. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: keyof typeof titles
  /** Which field of the body it is about. */
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: keyof typeof titles,
    detail: string,
    { field, headers = {} }: { field?: string; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.status = status
    this.field = field
    this.headers = headers
  }
}

export function sendProblem(response: ServerResponse, { status, message, field, headers }: Problem): void {
  const body = {
    type: 'about:blank',
    title: titles[status],
    status,
    detail: message,
    ...(field !== undefined && { field }),
  }
  send(response, status, 'application/problem+json', JSON.stringify(body), { ...headers })
}
