import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions, createSecureContext } from 'node:tls'
import { InvalidError } from '@tourniquet/core'
import { oneOf, type Words } from './keywords.ts'
import { withoutUndefined } from './without-undefined.ts'

/** Whether and how TLS is spoken with one host, in node-postgres' own words. Without `ssl` its own default holds. */
export interface PgTls {
  ssl?: false | ConnectionOptions
  /** Older versions of node-postgres do not know it, and ask for TLS in the way that every server understands. */
  sslnegotiation?: 'direct'
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const
type Mode = (typeof modes)[number]

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

// Where one of them is there, there is TLS: as in node-postgres, without an sslmode too, and with all checks.
const details = [
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
]

/**
 * What `sslmode` and the other words about TLS mean for each host. Files are read now.
 *
 * @throws InvalidError that names the word, and the path of a file that cannot be read
 */
export function tlsIn(words: Words): (host: string) => PgTls {
  const direct = oneOf(words, 'sslnegotiation', ['postgres', 'direct']) === 'direct'
  const mode = modeIn(words, direct)
  checkStrength(words, mode, direct)
  // As libpq: there is no TLS on a socket of this machine.
  const onSocket: PgTls = { ssl: false }
  // libpq's first attempt with `allow` has none; node-postgres makes no second one.
  if (mode === undefined) return (host) => (host.startsWith('/') ? onSocket : {})
  if (mode === 'disable' || mode === 'allow') return () => ({ ssl: false })
  const shared = { ...checksOf(mode, words), ...materialIn(words) }
  const how: PgTls = direct ? { sslnegotiation: 'direct' } : {}
  return (host) => (host.startsWith('/') ? onSocket : { ssl: { ...shared, ...identityOf(host) }, ...how })
}

/** `ssl=true` checks everything, as it does in node-postgres and JDBC; in libpq it would be `sslmode=require`. */
function modeIn(words: Words, direct: boolean): Mode | undefined {
  const mode = oneOf(words, 'sslmode', modes)
  const ssl = oneOf(words, 'ssl', ['true', '1', 'false', '0', 'no-verify'])
  const off = ssl === 'false' || ssl === '0'
  if (mode && ssl && off !== (mode === 'disable' || mode === 'allow')) {
    throw new InvalidError('ssl and sslmode contradict each other: leave ssl out')
  }
  if (mode) return mode
  if (ssl) return off ? 'disable' : ssl === 'no-verify' ? ssl : 'verify-full'
  return direct || details.some((word) => words.get(word)) ? 'verify-full' : undefined
}

/** What libpq refuses as too weak to be meant. */
function checkStrength(words: Words, mode: Mode | undefined, direct: boolean): void {
  const root = words.get('sslrootcert')
  if (root === 'system' && mode !== 'verify-full') {
    throw new InvalidError(`sslrootcert=system wants sslmode=verify-full; got sslmode=${mode}`)
  }
  if (mode === 'verify-ca' && !root) {
    throw new InvalidError(
      'sslmode=verify-ca wants sslrootcert, the path of your own authority’s certificate: anybody can have one of a public authority; or use sslmode=verify-full',
    )
  }
  if (direct && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
    throw new InvalidError(`sslnegotiation=direct wants sslmode=require or stronger; got sslmode=${mode}`)
  }
}

/**
 * As libpq has them. `prefer` is here what `require` is: libpq would go on without TLS where a server has none, and
 * node-postgres cannot; that is what pg-connection-string makes of it in its mode for libpq. As in libpq, both check the
 * chain of certificates if `sslrootcert` is given; but no file is looked for in the home folder.
 */
function checksOf(mode: Mode, words: Words): ConnectionOptions {
  if (mode === 'verify-full') return { rejectUnauthorized: true }
  const chain = mode === 'verify-ca' || (mode !== 'no-verify' && words.get('sslrootcert'))
  return chain ? { rejectUnauthorized: true, checkServerIdentity: () => undefined } : { rejectUnauthorized: false }
}

/**
 * Whose certificate it must be: the host's, whichever address of it is dialled. Older versions of node-postgres compare
 * that of an address with `localhost` if they are not told.
 */
function identityOf(host: string): ConnectionOptions {
  return isIP(host) ? { host } : { servername: host }
}

function materialIn(words: Words): ConnectionOptions {
  if (Boolean(words.get('sslcert')) !== Boolean(words.get('sslkey'))) {
    throw new InvalidError('sslcert and sslkey belong together: give both or none')
  }
  const root = words.get('sslrootcert')
  const material = withoutUndefined({
    // Without one: those that Node.js trusts, NODE_EXTRA_CA_CERTS among them.
    ca: root === 'system' ? undefined : fileIn(words, 'sslrootcert'),
    cert: fileIn(words, 'sslcert'),
    key: fileIn(words, 'sslkey'),
    passphrase: words.get('sslpassword') || undefined,
    crl: fileIn(words, 'sslcrl'),
    ...rangeIn(words),
  })
  checkMaterial(material)
  return material
}

function rangeIn(words: Words): ConnectionOptions {
  const [minVersion, maxVersion] = (['min', 'max'] as const).map((end) =>
    oneOf(words, `ssl_${end}_protocol_version`, versions),
  )
  if (minVersion && maxVersion && minVersion > maxVersion) {
    throw new InvalidError('ssl_min_protocol_version is above ssl_max_protocol_version')
  }
  return { minVersion, maxVersion }
}

/** Never what is in it. */
function fileIn(words: Words, word: string): string | undefined {
  const path = words.get(word)
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Some give what is in the file, in place of its path.
    const shown = /-----|^[\w+/=-]{60,}$/.test(path) ? 'it names' : path
    const { code } = error as NodeJS.ErrnoException
    throw new InvalidError(`${word}: the file ${shown} cannot be read (${code}): it must be the path of a file`)
  }
}

/** Now, and not at the first connection. */
function checkMaterial({ ca, cert, key, passphrase, crl }: ConnectionOptions): void {
  checkUse('sslrootcert is not a certificate in PEM format', () => ca && new X509Certificate(ca as string))
  checkUse('sslcrl is not a list of revoked certificates in PEM format', () => crl && createSecureContext({ crl }))
  checkUse(
    'sslcert, sslkey and sslpassword do not fit together, or are not in PEM format',
    () => cert && createSecureContext({ cert, key, passphrase }),
  )
}

function checkUse(message: string, use: () => unknown): void {
  try {
    use()
  } catch (error) {
    throw new InvalidError(`${message} (${(error as NodeJS.ErrnoException).code})`)
  }
}
