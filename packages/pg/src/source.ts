import { InvalidError } from '@tourniquet/core'
import type { ClientConfig } from 'pg'
import { parseUrl } from './url.ts'
import { marked } from './verdict.ts'
import { withoutUndefined } from './without-undefined.ts'

/** A server: its URL, as libpq has it, or what of node-postgres' own options says where it is and who asks. */
export type PgSource = string | ClientConfig

const expected =
  'a source must be a URL such as postgresql://user:password@host:5432/database, or an object of the options of a pg.Client'

/** How a server is reached. @throws InvalidError if the source does not say */
export function addressOf(source: PgSource): ClientConfig {
  const address = typeof source === 'string' ? parsed(source) : checked(source)
  const { password } = address
  return typeof password === 'function' ? { ...address, password: blamed(password) } : address
}

/** `host:port`, or the path of a socket. */
export function idOf(source: PgSource): string {
  // Where a source does not say, node-postgres goes by the environment.
  const { PGHOST, PGPORT } = process.env
  const { host = PGHOST || 'localhost', port = PGPORT || 5432 } = addressOf(source)
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function parsed(source: string): ClientConfig {
  const { sources, targetSessionAttrs, connectTimeoutMs } = parseUrl(source, 'a source')
  const [address] = sources
  if (sources.length !== 1 || !address) {
    throw new InvalidError('a source must name one host: give a URL of many hosts by itself, in place of the list')
  }
  if (targetSessionAttrs !== undefined) {
    throw new InvalidError('target_session_attrs holds for all sources: give it as the option targetSessionAttrs')
  }
  if (connectTimeoutMs !== undefined) {
    throw new InvalidError('connect_timeout holds for all sources: give it as the option connectTimeoutMs')
  }
  return address
}

function checked(source: ClientConfig): ClientConfig {
  if (typeof source !== 'object' || source === null) throw new InvalidError(`${expected}; got ${typeof source}`)
  // What has no options of its own would be taken for localhost.
  if (source instanceof URL || Array.isArray(source))
    throw new InvalidError(`${expected}; got a ${Array.isArray(source) ? 'list' : 'URL object: give its href'}`)
  const { connectionString, ...rest } = source
  if (connectionString !== undefined) return { ...parsed(connectionString), ...withoutUndefined(rest) }
  for (const option of ['stream', 'connection']) {
    if (option in source)
      throw new InvalidError(`${option} is not an option of a source: connections are made anew for each server`)
  }
  const { host, port } = source
  if (host !== undefined && (typeof host !== 'string' || host === '' || host.includes(','))) {
    throw new InvalidError(`${expected}; its host must be the name of one`)
  }
  if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) < 65536)) {
    throw new InvalidError(
      `${expected}; its port must be a number from 1 to 65535, and is ${typeof port === 'number' ? port : `a ${typeof port}`}`,
    )
  }
  return withoutUndefined(source)
}

/** That a password cannot be had is not the fault of a server. */
export function blamed(password: () => string | Promise<string>): () => Promise<string> {
  return async () => {
    try {
      const given: unknown = await password()
      if (given !== undefined && typeof given !== 'string') throw new TypeError('Password must be a string')
      return given as string
    } catch (error) {
      throw typeof error === 'object' && error !== null ? marked('caller', error) : error
    }
  }
}
