import { writeFileSync } from 'node:fs'
import type { NetConnectOpts } from 'node:net'
import { join, resolve } from 'node:path'
import { badInput } from '../bad-input.ts'
import { tied } from '../install/tied.ts'
import { freePort } from '../process/free-port.ts'
import { orDispose } from '../process/or-dispose.ts'
import { TempFolder } from '../process/temp-folder.ts'
import { checkHAProxyOptions, type HAProxyOptions } from './haproxy-options.ts'
import { HAProxyServer } from './haproxy-server.ts'
import { needHAProxy } from './need-haproxy.ts'

/**
 * Starts an HAProxy with a configuration of yours, in the foreground and in a folder of its own, and resolves when it
 * listens. Where HAProxy is missing it is installed, if this process may do that: as root on Debian or Ubuntu.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error with HAProxy's own words if it refuses the configuration; else as `startServer` does
 */
export async function startHAProxy(options: HAProxyOptions): Promise<HAProxyServer> {
  checkHAProxyOptions(options)
  const { config, name = 'haproxy', args = [], startTimeoutMs = 30_000 } = options
  const command = await needHAProxy()
  const port = options.port ?? (await portOf(config))
  const folder = new TempFolder('tourniquet-haproxy')
  const text = typeof config === 'string' ? config : config(port, folder.path)
  const file = join(folder.path, 'haproxy.cfg')
  writeFileSync(file, text)
  const program = await tied({ command, args: ['-db', '-f', file, ...args] })
  const socket = statsSocket(text, folder.path)
  const server = new HAProxyServer({ name, port, program, folder, socket, startTimeoutMs })
  await orDispose(server, () => server.restart())
  return server
}

async function portOf(config: HAProxyOptions['config']): Promise<number> {
  if (typeof config === 'function') return await freePort()
  const [, port] = /^\s*bind\s+[^\s/]*?:(\d+)/m.exec(config) ?? []
  if (port === undefined) throw badInput('config', "a text with a 'bind' line (or give the port)", config)
  return Number(port)
}

/** Where the first `stats socket` of the configuration is. */
function statsSocket(text: string, folder: string): NetConnectOpts | undefined {
  const [, address] = /^\s*stats\s+socket\s+(?:unix@|ipv4@)?(\S+)/m.exec(text) ?? []
  if (address === undefined) return undefined
  const [, host, port] = /^([^/]*):(\d+)$/.exec(address) ?? []
  if (port === undefined) return { path: resolve(folder, address) }
  return { host: host === '' || host === '*' ? '127.0.0.1' : host!, port: Number(port) }
}
