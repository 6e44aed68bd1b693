import { badInput, checkLine, checkPort } from './bad-input.ts'
import type { Address } from './process/server-options.ts'

/** What is behind a fault proxy: an address, or a URL with a port, such as `redis://127.0.0.1:6379/0`. */
export type ProxyTarget = Address | string

/** The address to dial. */
export function addressOf(target: ProxyTarget): Address {
  return typeof target === 'string' ? parseAddress('target', target) : checkedAddress(target)
}

/** The host and port of a URL; `option` is its name in the error. */
export function parseAddress(option: string, text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url?.port) throw badInput(option, 'a URL with a port, such as tcp://127.0.0.1:6379', text)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) }
}

/** The same URL through the proxy at `port`. */
export function urlThrough(target: ProxyTarget, port: number): string {
  const url = new URL(typeof target === 'string' ? target : 'tcp://target')
  url.host = `127.0.0.1:${port}`
  return String(url)
}

function checkedAddress(target: Address): Address {
  if (typeof target !== 'object' || target === null) throw badInput('target', 'a URL or { host, port }', target)
  checkLine('target.host', target.host)
  checkPort('target.port', target.port)
  return { host: target.host, port: target.port }
}
