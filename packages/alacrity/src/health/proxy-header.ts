import { isIPv4, isIPv6 } from 'node:net'
import type { Talk } from './talk.ts'

const signature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a)
/** Version 2, LOCAL: the connection is the sender's own. No address family, no addresses. */
const local = Uint8Array.of(0x20, 0, 0, 0)

/** A check speaks for nobody: version 2 has a word for that, version 1 gives the check's own addresses. */
export function proxyHeader(version: 1 | 2, { from, fromPort, to, toPort }: Talk['addresses']): Uint8Array {
  if (version === 2) return Buffer.concat([signature, local])
  const family = isIPv4(from) ? 'TCP4' : isIPv6(from) ? 'TCP6' : undefined
  if (family === undefined) return Buffer.from('PROXY UNKNOWN\r\n')
  return Buffer.from(`PROXY ${family} ${from} ${to} ${fromPort} ${toPort}\r\n`)
}
