import { readFileSync } from 'node:fs'
import { freeSocketFile } from '../api/socket-file.ts'
import { bytesOf } from '../balance/address.ts'
import type { BindConfig } from '../config/model.ts'

/** What to say when an address cannot be listened on. */
export function bindFailed(
  { at, place }: Pick<BindConfig, 'at' | 'place'>,
  { code, message }: { readonly code?: string | undefined; readonly message: string },
): string {
  return `${place.file}:${place.line}: bind: cannot listen on ${textOf(at)}: ${reasons[code ?? ''] ?? message}`
}

function textOf(at: BindConfig['at']): string {
  if ('path' in at) return at.path
  return at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`
}

/** What makes it the same address after a reload. */
export function keyOfBind({ at, v4v6 }: BindConfig): string {
  return `${textOf(at)}${v4v6 ? ' v4v6' : ''}`
}

/**
 * Makes room for a listener at a path: a crash leaves its file there.
 *
 * @throws Error that names the line, where somebody answers there, or there is something else
 */
export async function freePath({ at, place }: BindConfig): Promise<void> {
  if (!('path' in at)) return
  try {
    await freeSocketFile(at.path)
  } catch (error) {
    throw new Error(`${place.file}:${place.line}: bind: ${(error as Error).message}`, { cause: error })
  }
}

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there already (it may be another alacrity); stop it, or choose another port',
  EACCES: 'it is not allowed to; ports below 1024 want root or the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOENT: 'there is no such folder',
}

/**
 * The first of these where another program listens already. With a port that several threads share, a second balancer
 * would get it as well, without a word, and take half of the connections. The kernel's table tells; to try it out with
 * a listener of our own would accept connections that nobody serves. `ours` are those of its entries that we know.
 */
export function firstTaken(
  binds: readonly BindConfig[],
  ours: readonly BindConfig['at'][] = [],
): BindConfig | undefined {
  const known = new Set(ours.map((at) => ('path' in at ? '' : `${bytesOf(at.host)} ${at.port}`)))
  const others = listeners().filter(({ address, port }) => !known.has(`${address} ${port}`))
  return binds.find(
    ({ at }) =>
      'port' in at && others.some(({ address, port }) => port === at.port && overlap(address, bytesOf(at.host))),
  )
}

interface Listening {
  readonly address: Uint8Array
  readonly port: number
}

/** `sl: local_address:port remote_address:port st …`, where 0A is LISTEN. */
const listening = /: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /g

function listeners(): Listening[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return [...readFileSync(file, 'latin1').matchAll(listening)].map(([, address = '', port = '']) => ({
        address: plain(inHostOrder(Buffer.from(address, 'hex'))),
        port: Number.parseInt(port, 16),
      }))
    } catch {
      // Not Linux: there, ports are not shared among threads either.
      return []
    }
  })
}

/** The kernel prints words of 32 bits as the machine has them. */
function inHostOrder(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes.swap32())
}

/** `::ffff:1.2.3.4` is 1.2.3.4. */
function plain(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255
  return isMapped ? bytes.subarray(12) : bytes
}

/** Would a listener on the one be in the way of one on the other? */
export function overlap(one: Uint8Array, other: Uint8Array): boolean {
  const isAny = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)
  // `::` may stand for all of IPv4 too.
  if (isAny(one)) return one.length === 16 || other.length === 4
  if (isAny(other)) return other.length === one.length
  return Buffer.compare(one, other) === 0
}
