import { isIPv4, isIPv6 } from 'node:net'
import { signature } from './encode.ts'
import type { Ends } from './ends.ts'

/** What was found at the beginning of a connection. */
export type Decoded =
  /** Not all of it is there yet. */
  | { readonly state: 'more' }
  | { readonly state: 'bad'; readonly why: string }
  /** `length` bytes of header. Without `ends`: the connection speaks for itself (LOCAL, UNKNOWN). */
  | { readonly state: 'done'; readonly length: number; readonly ends?: Ends }

/** The longest a version 1 header can be, with its line end. */
const longestV1 = 107
/** What version 2 says of itself, before the addresses. */
const headV2 = 16

const more: Decoded = { state: 'more' }

/** Reads a PROXY header, version 1 or 2. Every byte comes from outside: what does not fit is bad, never an exception. */
export function decodeProxyHeader(bytes: Buffer): Decoded {
  if (startsLike(bytes, signature)) return bytes.length < headV2 ? more : decodeV2(bytes)
  if (startsLike(bytes, Buffer.from('PROXY '))) return decodeV1(bytes)
  return bad('it begins with neither "PROXY " nor the signature of version 2')
}

function startsLike(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length)
  return bytes.subarray(0, length).equals(expected.subarray(0, length))
}

function decodeV1(bytes: Buffer): Decoded {
  const end = bytes.subarray(0, longestV1).indexOf('\r\n')
  if (end < 0) return bytes.length < longestV1 ? more : bad(`no line end within ${longestV1} bytes`)
  const length = end + 2
  const [, family, ...rest] = bytes.toString('latin1', 0, end).split(' ')
  if (family === 'UNKNOWN') return { state: 'done', length }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined
  if (!isAddress) return bad('neither TCP4, TCP6 nor UNKNOWN')
  const [from, to, fromPort, toPort] = rest
  const ports = [portOf(fromPort), portOf(toPort)] as const
  const isComplete = rest.length === 4 && isAddress(from as string) && isAddress(to as string)
  if (!isComplete || ports[0] === undefined || ports[1] === undefined)
    return bad('it does not hold two addresses and two ports')
  return {
    state: 'done',
    length,
    ends: {
      source: { address: from as string, port: ports[0] },
      destination: { address: to as string, port: ports[1] },
    },
  }
}

function portOf(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function decodeV2(bytes: Buffer): Decoded {
  const version = bytes.readUInt8(12)
  const family = bytes.readUInt8(13)
  const size = bytes.readUInt16BE(14)
  const length = headV2 + size
  if (version !== 0x20 && version !== 0x21) return bad('its version or command is not known')
  if (bytes.length < length) return more
  if (version === 0x20) return { state: 'done', length }
  const width = family === 0x11 ? 4 : family === 0x21 ? 16 : 0
  // UDP, UNIX or not said: allowed, and says nothing about TCP's ends.
  if (width === 0) return { state: 'done', length }
  if (size < 2 * width + 4) return bad('it is too short for its addresses')
  const [from, to] = [headV2, headV2 + width].map((at) => addressOf(bytes.subarray(at, at + width))) as [string, string]
  const ports = headV2 + 2 * width
  return {
    state: 'done',
    length,
    ends: {
      source: { address: from, port: bytes.readUInt16BE(ports) },
      destination: { address: to, port: bytes.readUInt16BE(ports + 2) },
    },
  }
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':')
  // In the short form, as everybody writes it.
  const short = new URL(`tcp://[${words}]`).hostname.slice(1, -1)
  return /^::ffff:[^:]+:[^:]+$/.test(short) ? `::ffff:${bytes.subarray(12).join('.')}` : short
}

function bad(why: string): Decoded {
  return { state: 'bad', why }
}
