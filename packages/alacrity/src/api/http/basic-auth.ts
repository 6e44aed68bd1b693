import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Are these the same? How long it takes says nothing of where they differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Does the request bring one of these users and his password? */
export function isKnownUser(
  request: IncomingMessage,
  users: readonly { readonly user: string; readonly password: string }[],
): boolean {
  const [, encoded = ''] = /^basic +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  const given = Buffer.from(encoded, 'base64').toString()
  // All are compared, so that the time says nothing of who there is.
  return users.map(({ user, password }) => isSame(given, `${user}:${password}`)).includes(true)
}
