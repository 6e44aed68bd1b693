import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { InvalidError } from '@tourniquet/core'
import { checkWords, connectTimeoutIn, type PgSettings, settingsIn, targetIn, type Words } from './keywords.ts'
import type { TargetSessionAttrs } from './role.ts'
import { type PgTls, tlsIn } from './ssl.ts'
import { wordsOf } from './url-text.ts'
import { withoutUndefined } from './without-undefined.ts'

/** How one server is reached, in node-postgres' own words. */
export interface PgAddress extends PgSettings, Omit<PgTls, 'ssl'> {
  host?: string | undefined
  port?: number | undefined
  ssl?: boolean | ConnectionOptions | undefined
}

/** What a URL of several hosts says: each server, in its order, and what is of all of them. */
export interface MultiHost {
  readonly sources: readonly PgAddress[]
  readonly targetSessionAttrs?: TargetSessionAttrs | undefined
  /** How long one host may take, or `Infinity`. */
  readonly connectTimeoutMs?: number | undefined
}

/**
 * Reads libpq's connection URIs, which node-postgres cannot read if they have more than one host:
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS. What asks for something that cannot be
 * had is refused, and never dropped in silence.
 *
 * @param option what errors begin with, such as the name of the option that holds the URL
 * @throws InvalidError that names the part or word which is not what it must be; it never shows the URL, user or password
 */
export function parseUrl(url: string, option?: string): MultiHost {
  try {
    return meaningOf(wordsOf(url))
  } catch (error) {
    if (!option || !(error instanceof InvalidError)) throw error
    throw new InvalidError(`${option}: ${error.message}`)
  }
}

function meaningOf(words: Words): MultiHost {
  checkWords(words)
  const settings = settingsIn(words)
  const tlsOf = tlsIn(words)
  const sources = endsIn(words).map(({ dial, host, port }) => ({ host: dial, port, ...settings, ...tlsOf(host) }))
  return withoutUndefined({
    sources,
    targetSessionAttrs: targetIn(words),
    connectTimeoutMs: connectTimeoutIn(words),
  })
}

interface End {
  /** What is connected to. */
  readonly dial: string
  /** Whose certificate is wanted. */
  readonly host: string
  readonly port: number
}

/** As libpq: one port is for all hosts; an address is dialled in place of the host at its place. */
function endsIn(words: Words): End[] {
  const addresses = listOf(words.get('hostaddr'))
  // The environment is what libpq and node-postgres go by where the URL says nothing. Lists only libpq has there.
  const given = words.get('host') ?? (addresses ? '' : process.env.PGHOST)
  const hosts = listOf(given) ?? addresses?.map(() => '') ?? ['']
  if (addresses && addresses.length !== hosts.length) {
    throw new InvalidError(`hostaddr must have an address for each host: ${addresses.length} for ${hosts.length} hosts`)
  }
  const ports = portsIn(words, hosts.length)
  return hosts.map((host, index) => endOf(host, addresses?.[index] ?? '', ports[index] ?? '', index + 1))
}

function portsIn(words: Words, count: number): string[] {
  const ports = listOf(words.get('port') ?? process.env.PGPORT) ?? ['']
  if (ports.length === 1) return new Array<string>(count).fill(ports[0] ?? '')
  if (ports.length === count) return ports
  const where = words.has('port') ? '' : ' in PGPORT, of the environment'
  throw new InvalidError(`there must be one port, or one for each host: got ${ports.length} for ${count} hosts${where}`)
}

/** A host left out is libpq's folder of sockets, which only its build knows: here it is node-postgres' `localhost`. */
function endOf(name: string, address: string, port: string, number: number): End {
  if (address !== '' && isIP(address) === 0) {
    throw new InvalidError(`hostaddr of host ${number} must be an IP address: give a name as host`)
  }
  if (/[\s@[\]]/.test(name)) {
    throw new InvalidError(`host ${number} must be a name, an IP address without brackets, or the path of a folder`)
  }
  if (address !== '' && name.startsWith('/')) {
    throw new InvalidError(`host ${number} is a folder of sockets, and has a hostaddr: give one of the two`)
  }
  const host = name || address || 'localhost'
  return { dial: address || host, host, port: portOf(port, number) }
}

/** It never shows what it got: that is a part of the password, if that has a `/` in it. */
function portOf(text: string, number: number): number {
  const port = text === '' ? 5432 : Number(text)
  if (/^\d*$/.test(text) && port > 0 && port < 65536) return port
  throw new InvalidError(
    `the port of host ${number} must be a number from 1 to 65535; a / in a password is written %2F, and an IPv6 address [::1]`,
  )
}

function listOf(text: string | undefined): string[] | undefined {
  return text ? text.split(',') : undefined
}
