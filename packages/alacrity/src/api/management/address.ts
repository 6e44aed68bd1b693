import { isIP } from 'node:net'
import { Problem } from './problem.ts'

/** `10.0.0.1:5432`, `[::1]:5432`: an address, since a running server's name is not resolved again. @throws Problem 422 */
export function parsedAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(text) ?? []
  if (isIP(host) === 0) throw new Problem(422, 'address must be an IP address and a port', { field: 'address' })
  return { host, port: checkedPort(port) }
}

/** @throws Problem 422 */
export function checkedPort(port: string): number {
  if (Number(port) <= 65_535) return Number(port)
  throw new Problem(422, 'address must have a port from 1 to 65535', { field: 'address' })
}
