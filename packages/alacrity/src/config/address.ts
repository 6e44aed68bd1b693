import { isIPv4, isIPv6 } from 'node:net'
import { refuse } from './errors.ts'
import { toNumber } from './units.ts'
import type { Words } from './words.ts'

/** An address as it was written: a path, or a host ('' and `*` are left as they are) with a port as text. */
export type WrittenAddress =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'inet'; readonly host: string; readonly port?: string; readonly family?: 4 | 6 }

const FAMILIES: Readonly<Record<string, 4 | 6>> = { ipv4: 4, tcp4: 4, udp4: 4, ipv6: 6, tcp6: 6, udp6: 6 }

/**
 * `host:port`, `[::1]:port`, `::1:port`, `*:port`, `:port`, `/path`, with `ipv4@`, `ipv6@` or `unix@` before it.
 *
 * @throws Refusal for another family, such as `fd@`
 */
export function parseAddress(text: string): WrittenAddress {
  const [, prefix, rest = text] = /^(\w+)@(.*)$/.exec(text) ?? []
  if (prefix === 'unix' || (prefix === undefined && rest.startsWith('/'))) return pathOf(rest)
  if (prefix === undefined || ['tcp', 'udp'].includes(prefix)) return inet(text, rest)
  const family = Object.hasOwn(FAMILIES, prefix) ? FAMILIES[prefix] : undefined
  if (family === undefined) return refuse(`'${prefix}@' is not supported: expected ipv4@, ipv6@ or unix@`)
  return { ...inet(text, rest), family }
}

function pathOf(path: string): WrittenAddress {
  return path === '' ? refuse("'unix@': expected the path of a socket") : { kind: 'path', path }
}

function inet(text: string, rest: string): WrittenAddress & { kind: 'inet' } {
  const [, bracketed, port = ''] = /^\[([^\]]*)\](?::(.*))?$/.exec(rest) ?? []
  const split = bracketed === undefined ? splitPort(rest) : { host: bracketed, port }
  const isNamed = split.host === '' || split.host === '*' || isHost(split.host)
  if (!isNamed || (bracketed !== undefined && !isIPv6(bracketed))) {
    return refuse(`'${text}' is not an address: expected host:port, [IPv6]:port or /path`)
  }
  return { kind: 'inet', host: split.host, ...(split.port !== '' && { port: split.port }) }
}

/** The port is behind the last colon: as in HAProxy, `::1:80` is port 80 of `::1`. */
function splitPort(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(':')
  return colon < 0 ? { host: text, port: '' } : { host: text.slice(0, colon), port: text.slice(colon + 1) }
}

/** An IP address, or what may be the name of a host. */
export function isHost(host: string): boolean {
  return isIPv4(host) || isIPv6(host) || (/^[A-Za-z0-9_.-]+$/.test(host) && !/^[\d.]+$/.test(host))
}

/** `127.0.0.1:514`, whose port may be left out. For a nameserver or a log. */
export function parseHostPort(text: string, defaultPort: number | undefined): { host: string; port: number } {
  const address = parseAddress(text)
  if (address.kind === 'path') return refuse(`'${text}': expected host:port`)
  if (!isHost(address.host)) return refuse(`'${text}' has no host: expected host:port`)
  if (address.port === undefined && defaultPort === undefined)
    return refuse(`'${text}' has no port: expected host:port`)
  return { host: address.host, port: address.port === undefined ? defaultPort! : toPort(address.port) }
}

export function toPort(text: string): number {
  return toNumber(text, 1, 65_535)
}

/** Takes where a check goes, if not to the server itself: a host, whose port is said by `port`. */
export function takeCheckHost(words: Words): string {
  const text = words.take('the address to check')
  const address = parseAddress(text)
  const isAny = address.kind === 'inet' && ['', '*'].includes(address.host)
  if (address.kind === 'path' || isAny) return refuse(`'${text}': expected the address of a host`)
  return address.host
}
