import type { Configuration, ProxyConfig, ServerConfig } from '../config/model.ts'
import type { ServerAddress } from '../engine/plan.ts'
import { initialAddress } from './addresses.ts'
import { keyOf, LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'

/** A proxy of a configuration that is about to be applied, and what it is made of: what was there before, where it stays the same. */
export interface Staged {
  readonly config: ProxyConfig
  readonly proxy: LiveProxy
  readonly servers: readonly LiveServer[]
}

/** How a server comes into being. */
export type NewLiveServer = (config: ServerConfig, proxy: ProxyConfig, address: ServerAddress | undefined) => LiveServer

/**
 * Prepares a configuration, without touching what runs.
 *
 * @throws Error that names the line, where a name cannot be resolved
 */
export async function stage(
  { proxies }: Configuration,
  running: readonly LiveProxy[],
  threads: number,
  newServer: NewLiveServer,
): Promise<Staged[]> {
  const known = new Map(running.map((proxy) => [proxy.key, proxy]))
  const all = proxies.map(async (config) => {
    const before = known.get(keyOf(config))
    const isSameKind = before && Boolean(before.frontend) === (config.kind !== 'backend')
    const servers = await Promise.all(config.servers.map((server) => stageServer(server, config, before, newServer)))
    return { config, proxy: isSameKind ? before : new LiveProxy(config, threads), servers }
  })
  return await Promise.all(all)
}

async function stageServer(
  config: ServerConfig,
  proxy: ProxyConfig,
  before: LiveProxy | undefined,
  newServer: NewLiveServer,
): Promise<LiveServer> {
  const known = before?.server(config.name)
  if (known && isSameAddress(known.config, config)) return known
  // With another address it is another server, which is to prove itself.
  return newServer(config, proxy, await initialAddress(config))
}

function isSameAddress(before: ServerConfig, after: ServerConfig): boolean {
  return JSON.stringify([before.address, before.portOffset]) === JSON.stringify([after.address, after.portOffset])
}

/** Proxies as they run now, as if they were about to be applied. */
export function asStaged(proxies: readonly LiveProxy[]): Staged[] {
  return proxies.map((proxy) => ({
    config: { ...proxy.config, servers: proxy.servers.map(({ config }) => config) },
    proxy,
    servers: proxy.servers,
  }))
}
