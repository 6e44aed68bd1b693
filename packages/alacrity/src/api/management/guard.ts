import type { IncomingMessage } from 'node:http'
import { isSame } from '../http/basic-auth.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { Problem } from './problem.ts'

export interface GuardOptions {
  /** Where it listens. */
  readonly host: string
  readonly token: string | undefined
}

/** Only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Lets nobody in who may not be: a page of another site, a name that was bent to this machine, or one without the token. */
export function guard(request: IncomingMessage, { host, token }: GuardOptions): void {
  if (isLoopback(host) && !isLoopbackName(request.headers.host)) {
    throw new Problem(403, 'the Host header must be localhost, 127.0.0.1 or [::1]')
  }
  if (!isSameOrigin(request)) throw new Problem(403, 'requests from pages of other sites are refused')
  if (token === undefined) return
  const [, given] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  if (given !== undefined && isSame(given, token)) return
  throw new Problem(401, 'this needs the header "Authorization: Bearer <token>"', {
    headers: { 'www-authenticate': 'Bearer realm="alacrity"' },
  })
}

function isLoopbackName(host = ''): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)
}
