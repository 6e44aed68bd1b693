import { InvalidError } from '@tourniquet/core'
import { Redis, type RedisOptions } from 'ioredis'
import { assertNotOurs } from './ours.ts'

/** A server: its URL, `redis://user:password@host:port/db` or `rediss://…` for TLS, or what of ioredis' options says where it is. */
export type RedisSource = string | RedisAddress

/** How a server is reached, in ioredis' own words. What is left out is taken from the `redis` option, or is ioredis' default. */
export type RedisAddress = Pick<
  RedisOptions,
  'host' | 'port' | 'path' | 'family' | 'username' | 'password' | 'tls' | 'db'
>

const ofAddress = ['host', 'port', 'path', 'family', 'username', 'password', 'tls', 'db']
const expected =
  'a source must be a URL such as redis://host:6379 or rediss://user:password@host:6379/0, the path of a socket, or an object of host, port, path, family, username, password, tls and db'

/** @throws InvalidError if it is none */
export function addressOf(source: RedisSource, shared: RedisOptions = {}): RedisAddress & { readonly db: number } {
  const options = typeof source === 'string' ? parsed(source) : checked(source)
  const { username, password, tls, family, db } = { ...shared, ...withoutEmpty(options) }
  const { path, host = 'localhost', port = 6379 } = options
  const where = path ? { path } : { host, port: Number(port), family }
  // A URL says that there is TLS, and not how.
  const how = { tls: (tls as unknown) === true ? (shared.tls ?? tls) : tls }
  return withoutEmpty({ ...where, username, password, ...how, db: Number(db ?? 0) }) as RedisAddress & { db: number }
}

/** `host:port`, or the path of a socket. */
export function idOf(source: RedisSource): string {
  const { path, host = '', port } = addressOf(source)
  return path ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function parsed(source: string): RedisAddress {
  const scheme = /^([\w+.-]+):\/\//.exec(source)?.[1]
  if (source === '' || /\s/.test(source))
    throw new InvalidError(`${expected}; got ${source === '' ? 'an empty text' : 'a text with a space'}`)
  if (scheme && !/^rediss?$/i.test(scheme))
    throw new InvalidError(`${expected}; got a URL that begins with ${scheme}://`)
  const { host, port, path, family, username, password, tls, db } = read(source)
  if (!path && !(Number(port) > 0 && Number(port) < 65536)) throw new InvalidError(`${expected}; its port is ${port}`)
  return withoutEmpty({ host, port, path, family: family || undefined, username, password, tls, db: dbIn(source, db) })
}

/** As ioredis reads it. Its errors may show the whole of it. */
function read(source: string): RedisOptions {
  try {
    return new Redis(source, { lazyConnect: true }).options
  } catch {
    throw new InvalidError(`${expected}; got a URL that cannot be read`)
  }
}

/** ioredis says 0 for a URL that names none. */
function dbIn(source: string, db: number | undefined): number | undefined {
  return /^\w+:\/\/[^/?]*\/\d|[?&]db=\d/.test(source) ? db : undefined
}

function checked(source: RedisAddress): RedisAddress {
  if (typeof source !== 'object' || source === null) throw new InvalidError(`${expected}; got ${typeof source}`)
  const other = Object.keys(source).find((key) => !ofAddress.includes(key))
  if (other === 'sentinels' || other === 'name') {
    throw new InvalidError(`${other} is not an option of a source: list the servers themselves, without Sentinel`)
  }
  if (other !== undefined) {
    assertNotOurs(other, 'an option of a source: ')
    throw new InvalidError(
      `${other} is not an option of a source: give it in the option redis, which holds for all of them`,
    )
  }
  const { host, port, path } = source
  if (host === undefined && path === undefined && port === undefined)
    throw new InvalidError(`${expected}; got none of host, port and path`)
  if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) < 65536)) {
    throw new InvalidError(`${expected}; its port is ${typeof port === 'number' ? port : typeof port}`)
  }
  return source
}

function withoutEmpty(options: object): RedisAddress {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null))
}
