import { isIPv4 } from 'node:net'

/** The bytes of an IP address: 4, or 16; of an IPv4 one in IPv6's clothes (`::ffff:1.2.3.4`) 4. */
export function bytesOf(address: string): Uint8Array {
  const plain = address.startsWith('::') ? address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') : address
  return isIPv4(plain) ? bytesOfIPv4(plain) : bytesOfIPv6(plain)
}

function bytesOfIPv4(address: string): Uint8Array {
  const [a, b, c, d] = address.split('.')
  return Uint8Array.of(Number(a), Number(b), Number(c), Number(d))
}

function bytesOfIPv6(address: string): Uint8Array {
  const [before = '', after] = (address.split('%')[0] as string)
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, asWords)
    .split('::')
  const head = wordsOf(before)
  const tail = after === undefined ? [] : wordsOf(after)
  const words = [...head, ...new Array(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail]
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]))
}

function wordsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
}

function asWords(_all: string, ...bytes: string[]): string {
  const [a, b, c, d] = bytes.map(Number) as [number, number, number, number]
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
