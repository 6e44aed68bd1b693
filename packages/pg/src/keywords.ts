import { InvalidError } from '@tourniquet/core'
import type { ClientConfig } from 'pg'
import { type TargetSessionAttrs, targets } from './role.ts'
import { withoutUndefined } from './without-undefined.ts'

/** libpq's key words and their values, decoded, in the order in which they were given. */
export type Words = ReadonlyMap<string, string>

/** How a session is opened, wherever it is: in node-postgres' own words. */
export interface PgSettings
  extends Pick<
    ClientConfig,
    | 'user'
    | 'database'
    | 'options'
    | 'application_name'
    | 'keepAlive'
    | 'keepAliveInitialDelayMillis'
    | 'statement_timeout'
    | 'idle_in_transaction_session_timeout'
    | 'query_timeout'
  > {
  password?: string | undefined
  // node-postgres has these in all versions that we support, its older types have them not.
  fallback_application_name?: string | undefined
  client_encoding?: string | undefined
  lock_timeout?: number | undefined
  replication?: string | undefined
  /** Older versions of node-postgres do not know it, and never bind. */
  enableChannelBinding?: boolean | undefined
}

const understood = new Set(
  (
    'host hostaddr port user password dbname target_session_attrs connect_timeout application_name ' +
    'fallback_application_name client_encoding options replication keepalives keepalives_idle channel_binding ' +
    'statement_timeout lock_timeout idle_in_transaction_session_timeout query_timeout ' +
    'ssl sslmode sslnegotiation sslcert sslkey sslpassword sslrootcert sslcrl ' +
    'ssl_min_protocol_version ssl_max_protocol_version'
  ).split(' '),
)

const noKerberos = 'use a password or a client certificate'
const noOauth = 'give the token in the option password, which may be a function'
const noKeepalive = 'set it for the whole system (sysctl net.ipv4.tcp_keepalive_*), or use the option heartbeatMs'

// What libpq knows and node-postgres cannot do: the values that ask for nothing it does not do, and what to do instead.
const refused = new Map<string, readonly [fine: readonly string[], instead: string]>([
  ['gssencmode', [['disable', 'prefer'], 'use sslmode']],
  ['gssdelegation', [['0'], noKerberos]],
  ['gsslib', [[], noKerberos]],
  ['krbsrvname', [['postgres'], noKerberos]],
  ['keepalives_interval', [['0'], noKeepalive]],
  ['keepalives_count', [['0'], noKeepalive]],
  ['tcp_user_timeout', [['0'], noKeepalive]],
  ['load_balance_hosts', [['disable'], 'this is sticky, not a balancer: give each process the hosts in another order']],
  ['max_protocol_version', [['3.0', '3.2', 'latest'], 'it speaks version 3.0']],
  ['min_protocol_version', [['3.0'], 'it speaks version 3.0']],
  ['oauth_client_id', [[], noOauth]],
  ['oauth_client_secret', [[], noOauth]],
  ['oauth_issuer', [[], noOauth]],
  ['oauth_scope', [[], noOauth]],
  ['passfile', [[], 'give the password in the URL, or the file in the environment variable PGPASSFILE']],
  ['require_auth', [[''], 'use sslmode=verify-full, so that no other server learns the password']],
  ['requirepeer', [[''], 'use a socket in a folder where nobody else can make one']],
  ['scram_client_key', [[], 'give the password']],
  ['scram_server_key', [[], 'give the password']],
  ['service', [[], 'write what the service file says into the URL']],
  ['servicefile', [[], 'write what the service file says into the URL']],
  ['sslcertmode', [['allow'], 'give sslcert and sslkey where the server wants them']],
  ['sslcompression', [['0'], 'no present version of TLS compresses']],
  ['sslcrldir', [[], 'give one file as sslcrl']],
  ['sslkeylogfile', [[], 'start node with --tls-keylog=FILE']],
  ['sslsni', [['1'], 'the name of the host is always sent']],
  ['uselibpqcompat', [['true'], 'sslmode means here what it means in libpq: use sslmode=verify-full for full checks']],
])

/** @throws InvalidError if one is not of libpq, or asks for what node-postgres cannot do */
export function checkWords(words: Words): void {
  let previous = ''
  for (const [word, value] of words) {
    checkWord(word, value, previous)
    previous = word
  }
}

function checkWord(word: string, value: string, previous: string): void {
  if (understood.has(word)) return
  const [fine, instead] = refused.get(word) ?? []
  if (fine?.includes(value)) return
  if (fine === undefined) throw new InvalidError(unknown(word, previous))
  const unless = fine.length > 0 ? ` (it may only be ${listed(fine)})` : ''
  throw new InvalidError(`${word} is of libpq, and node-postgres cannot do it${unless}: leave it out; ${instead}`)
}

/** It names the word, unless that may be the end of a password with an `&` in it. */
function unknown(word: string, previous: string): string {
  const advice = 'give what is of the pool or the driver as an option, and not in the URL'
  if (/password/.test(previous) || !/^[a-z]\w{0,39}$/i.test(word)) {
    return `a parameter behind the ? is not a key word of libpq: ${advice}; an & within a value is written %26`
  }
  return `${word} is not a key word of libpq: ${advice}`
}

export function settingsIn(words: Words): PgSettings {
  return {
    ...textsIn(words),
    ...keepAliveIn(words),
    ...withoutUndefined({
      statement_timeout: numberIn(words, 'statement_timeout'),
      lock_timeout: numberIn(words, 'lock_timeout'),
      idle_in_transaction_session_timeout: numberIn(words, 'idle_in_transaction_session_timeout'),
      query_timeout: numberIn(words, 'query_timeout'),
      enableChannelBinding: channelBindingIn(words),
    }),
  }
}

/** An empty one counts as none, as in node-postgres: it then looks into the environment. */
function textsIn(words: Words): PgSettings {
  const text = (word: string) => words.get(word) || undefined
  return withoutUndefined({
    user: text('user'),
    password: text('password'),
    database: text('dbname'),
    options: text('options'),
    application_name: text('application_name'),
    fallback_application_name: text('fallback_application_name'),
    // Told and not heeded: node-postgres speaks UTF-8 with every server.
    client_encoding: text('client_encoding'),
    replication: text('replication'),
  })
}

/** On by default in libpq, and off in node-postgres: whoever says after how long wants them on. */
function keepAliveIn(words: Words): PgSettings {
  const on = numberIn(words, 'keepalives')
  const idle = numberIn(words, 'keepalives_idle')
  if (on === 0) return { keepAlive: false }
  if (idle === undefined) return on === undefined ? {} : { keepAlive: true }
  return { keepAlive: true, keepAliveInitialDelayMillis: idle * 1000 }
}

/** node-postgres binds where the server offers it, and cannot insist: `require` is here what `prefer` is. */
function channelBindingIn(words: Words): boolean | undefined {
  const value = oneOf(words, 'channel_binding', ['disable', 'prefer', 'require'])
  return value && value !== 'disable'
}

export function targetIn(words: Words): TargetSessionAttrs | undefined {
  return oneOf(words, 'target_session_attrs', targets)
}

// What a timer of Node.js can wait for.
const longestMs = 2 ** 31 - 1

/** As in libpq 15: nothing below 1 is a limit, and 1 second counts as 2. */
export function connectTimeoutIn(words: Words): number | undefined {
  const seconds = numberIn(words, 'connect_timeout', -longestMs)
  if (seconds === undefined) return undefined
  const ms = Math.max(seconds, 2) * 1000
  return seconds <= 0 || ms > longestMs ? Number.POSITIVE_INFINITY : ms
}

function numberIn(words: Words, word: string, min = 0): number | undefined {
  const text = words.get(word)
  const number = Number(text)
  if (text === undefined) return undefined
  if (/^[+-]?\d+$/.test(text) && number >= min && number <= longestMs) return number
  const least = min < 0 ? '' : ` from ${min} to ${longestMs}`
  throw new InvalidError(`${word} must be a whole number${least}`)
}

/** @throws InvalidError that lists what it may be */
export function oneOf<T extends string>(words: Words, word: string, values: readonly T[]): T | undefined {
  const text = words.get(word)
  const value = values.find((each) => each === text)
  if (text === undefined || value !== undefined) return value
  // What is not a word may be anything, and a part of a password with it.
  const got = /^[\w.-]{1,40}$/.test(text) ? `; got ${text}` : ''
  throw new InvalidError(`${word} must be ${listed(values)}${got}`)
}

function listed(values: readonly string[]): string {
  const shown = values.map((value) => value || 'empty')
  return [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter(Boolean).join(' or ')
}
