import { isIPv4 } from 'node:net'
import { bytesOf } from '../../balance/address.ts'
import type { End, Ends } from './ends.ts'

/** What a version 2 header begins with. */
export const signature: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/**
 * A PROXY header, version 1 or 2, after the HAProxy project's "The PROXY protocol". Without `ends` (a UNIX socket, a
 * client that has already gone) it says that nothing is known.
 */
export function encodeProxyHeader(version: 1 | 2, ends: Ends | undefined): Buffer {
  return version === 1 ? encodeV1(ends) : encodeV2(ends)
}

function encodeV1(ends: Ends | undefined): Buffer {
  if (!ends) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1')
  const { family, source, destination } = alike(ends)
  const text = `PROXY TCP${family} ${source.address} ${destination.address} ${source.port} ${destination.port}\r\n`
  return Buffer.from(text, 'latin1')
}

function encodeV2(ends: Ends | undefined): Buffer {
  // 0x20: LOCAL. 0x21: PROXY. 0x11, 0x21: TCP over IPv4, IPv6.
  if (!ends) return Buffer.concat([signature, Buffer.of(0x20, 0x00, 0, 0)])
  const { family, source, destination } = alike(ends)
  const addresses = [source, destination].map(({ address }) => padded(bytesOf(address), family))
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(source.port, 0)
  ports.writeUInt16BE(destination.port, 2)
  const body = Buffer.concat([...addresses, ports])
  return Buffer.concat([signature, Buffer.of(0x21, family === 4 ? 0x11 : 0x21, 0, body.length), body])
}

/** Both of one family: IPv4 if both can be that, otherwise an IPv4 address in IPv6's clothes. */
function alike({ source, destination }: Ends): Ends & { readonly family: 4 | 6 } {
  const isV4 = isV4End(source) && isV4End(destination)
  const dressed = isV4 ? undressed : inIPv6
  return { family: isV4 ? 4 : 6, source: dressed(source), destination: dressed(destination) }
}

const mapped = /^::ffff:(?=\d+\.)/i

function isV4End({ address }: End): boolean {
  return isIPv4(address.replace(mapped, ''))
}

function undressed({ address, port }: End): End {
  return { address: address.replace(mapped, ''), port }
}

function inIPv6({ address, port }: End): End {
  const plain = address.split('%')[0] as string
  return { address: isIPv4(plain) ? `::ffff:${plain}` : plain, port }
}

function padded(bytes: Uint8Array, family: 4 | 6): Uint8Array {
  if (family === 4 || bytes.length === 16) return bytes
  return Uint8Array.of(...new Array(10).fill(0), 255, 255, ...bytes)
}
