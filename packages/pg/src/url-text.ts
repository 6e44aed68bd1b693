import { isIPv6 } from 'node:net'
import { InvalidError } from '@tourniquet/core'
import type { Words } from './keywords.ts'

const expected =
  'a URL such as postgresql://user:password@host1:5432,host2:5432/database?target_session_attrs=read-write is wanted'
const encode =
  'within a user, password or value, @ is written %40, / %2F, ? %3F, # %23, % %25, : %3A, & %26, = %3D and a space %20'

// As libpq: its schemes are in small letters.
const scheme = /^postgres(?:ql)?:\/\//
const parts = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/
const hostAndPort = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/

type Word = readonly [word: string, value: string]

/**
 * What a URL says, as libpq has it: each part is a key word, and those behind the `?` come last and win. Where libpq and
 * RFC 3986 would cut the text at different places, a password may be on the wrong side: such a text is refused.
 */
export function wordsOf(url: string): Words {
  const text = afterScheme(url)
  const [, authority = '', path = '', query = ''] = parts.exec(text) ?? []
  checkMarks(text, authority)
  const at = authority.indexOf('@')
  const database = decoded(path, 'database')
  return lastOfEach([
    ...userWords(authority.slice(0, Math.max(at, 0))),
    ...hostWords(authority.slice(at + 1)),
    ...(database ? [['dbname', database] as const] : []),
    ...parameters(query),
  ])
}

function afterScheme(url: string): string {
  if (typeof url !== 'string') throw new InvalidError(`${expected}; got ${url === null ? 'null' : typeof url}`)
  if (scheme.test(url)) return url.replace(scheme, '')
  // Letters only: of a text without a scheme, this may be the user.
  const other = /^((?:jdbc:)?[a-z]{2,12}:\/\/)/i.exec(url)?.[1]
  if (other) throw new InvalidError(`${expected}; got one that begins with ${other}`)
  if (/^\s*\w+\s*=/.test(url)) {
    throw new InvalidError(`${expected}; got key words and values ("host=… port=…"): write them as parameters of a URL`)
  }
  throw new InvalidError(`${expected}; got ${url === '' ? 'an empty text' : 'a text that does not begin so'}`)
}

/** Characters that end a part: inside one they are encoded. */
function checkMarks(text: string, authority: string): void {
  if (/[\s\p{Cc}]/u.test(text)) throw new InvalidError(`the URL has a space or a line break in it: ${encode}`)
  if (text.includes('#')) throw new InvalidError(`the URL has a # in it: ${encode}`)
  if (text.slice(authority.length).includes('@')) {
    throw new InvalidError(`the URL has an @ behind its first / or ?: ${encode}`)
  }
  if (authority.indexOf('@') !== authority.lastIndexOf('@')) {
    throw new InvalidError(`the URL has more than one @ before the database: ${encode}`)
  }
}

/** A password ends at the `@`, and a user at the first `:`. */
function userWords(text: string): Word[] {
  const colon = text.indexOf(':')
  const [user, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  const words: Word[] = [
    ['user', decoded(user, 'user')],
    ['password', decoded(password, 'password')],
  ]
  return words.filter(([, value]) => value !== '')
}

/** Two lists of equal length. Those of a host and a port that are both left out are none: then the environment counts. */
function hostWords(text: string): Word[] {
  const entries = text.split(',').map((entry, index) => hostOf(entry, `host ${index + 1}`))
  const words: Word[] = [
    ['host', entries.map(({ host }) => host).join()],
    ['port', entries.map(({ port }) => port).join()],
  ]
  return words.filter(([, value]) => value !== '')
}

function hostOf(entry: string, name: string): { readonly host: string; readonly port: string } {
  const [whole, address, host = '', port = ''] = hostAndPort.exec(entry) ?? []
  if (whole === undefined || (address !== undefined && !isIPv6(decoded(address, name)))) {
    throw new InvalidError(`${name} of the URL is not host:port or [IPv6 address]:port`)
  }
  return { host: decoded(address ?? host, name), port: decoded(port, `port of ${name}`) }
}

function parameters(query: string): Word[] {
  const texts = query.replace(/&$/, '').split('&')
  return query === '' ? [] : texts.map((text, index) => parameter(text, `parameter ${index + 1} behind the ?`))
}

function parameter(text: string, name: string): Word {
  const [word = '', value, more] = text.split('=')
  if (value === undefined) throw new InvalidError(`${name} has no =: it must be word=value, and ${encode}`)
  if (more !== undefined) throw new InvalidError(`${name} has more than one =: ${encode}`)
  return [decoded(word, name), decoded(value, `value of ${name}`)]
}

/** A `+` stays one: only forms of web pages have it for a space. */
function decoded(text: string, name: string): string {
  const value = tryDecode(text)
  if (value === undefined) {
    throw new InvalidError(`the ${name} has a % without two hexadecimal digits of UTF-8 behind it: ${encode}`)
  }
  if (value.includes('\0'))
    throw new InvalidError(`the ${name} has %00 in it, which PostgreSQL does not take: leave it out`)
  return value
}

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** In the order of those that count. */
function lastOfEach(words: readonly Word[]): Words {
  const last = new Map<string, string>()
  for (const [word, value] of words) {
    last.delete(word)
    last.set(word, value)
  }
  return last
}
