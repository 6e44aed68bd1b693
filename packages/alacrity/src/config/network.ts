import { isIPv4, isIPv6 } from 'node:net'
import { refuse } from './errors.ts'
import type { Network } from './model.ts'

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`. */
export function parseNetwork(text: string): Network {
  const [host = '', mask, ...more] = text.split('/')
  const family = isIPv4(host) ? 4 : isIPv6(host) && !host.includes('%') ? 6 : undefined
  if (family === undefined || more.length > 0) {
    return refuse(`'${text}' is not an IPv4 or IPv6 address or network, such as 10.0.0.0/8`)
  }
  const address = family === 4 ? bytes4(host) : bytes6(host)
  return { family, address, prefix: mask === undefined ? address.length * 8 : prefixOf(text, mask, family) }
}

function prefixOf(text: string, mask: string, family: 4 | 6): number {
  const prefix = family === 4 && isIPv4(mask) ? countOnes(bytes4(mask)) : Number(/^\d+$/.exec(mask)?.[0])
  const most = family === 4 ? 32 : 128
  return prefix >= 0 && prefix <= most ? prefix : refuse(`'${text}': expected a prefix from 0 to ${most}`)
}

/** A mask has its ones at the front. */
function countOnes(mask: Uint8Array): number {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : -1
}

function bytes4(host: string): Uint8Array {
  return Uint8Array.from(host.split('.'), Number)
}

function bytes6(host: string): Uint8Array {
  const [before = '', after] = hexOnly(host).split('::')
  const [front, back] = [groups(before), groups(after ?? '')]
  const zeros = Array<number>(after === undefined ? 0 : 8 - front.length - back.length).fill(0)
  return Uint8Array.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 255]))
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

/** `::ffff:1.2.3.4`, whose end is written as IPv4. */
function hexOnly(host: string): string {
  return host.replace(/[\d.]+\.\d+$/, (end) => {
    const [a, b, c, d] = bytes4(end)
    return `${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`
  })
}
