import type { ServerResponse } from 'node:http'

const texts = {
  200: ['200 OK', 'Service ready.'],
  400: ['400 Bad request', 'Your browser sent an invalid request.'],
  401: ['401 Unauthorized', 'You need a valid user and password to access this content.'],
  404: ['404 Not Found', 'The resource could not be found.'],
  408: ['408 Request Time-out', "Your browser didn't send a complete request in time."],
  413: ['413 Payload Too Large', 'The request entity exceeds the maximum allowed.'],
  431: ['431 Request Header Fields Too Large', 'The request headers exceed the maximum allowed.'],
  503: ['503 Service Unavailable', 'No server is available to handle this request.'],
} as const

export type AnswerStatus = keyof typeof texts

/** HAProxy's words for a status. */
export function answerOf(status: AnswerStatus): { readonly reason: string; readonly body: string } {
  const [reason, text] = texts[status]
  return { reason, body: `<html><body><h1>${reason}</h1>\n${text}\n</body></html>\n` }
}

/** Answers with nothing but a status, in HAProxy's words. */
export function answer(response: ServerResponse, status: AnswerStatus, headers: Record<string, string> = {}): void {
  const { reason, body } = answerOf(status)
  send(response, status, 'text/html', body, headers, reason.slice(4))
}

/** Answers with a whole body; to a HEAD request with its headers alone. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
  reason?: string,
): void {
  const length = String(Buffer.byteLength(body))
  const fixed = { 'content-length': length, 'cache-control': 'no-cache', 'content-type': type }
  const guard = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' }
  if (reason === undefined) response.writeHead(status, { ...fixed, ...guard, ...headers })
  else response.writeHead(status, reason, { ...fixed, ...guard, ...headers })
  response.end(body)
}
