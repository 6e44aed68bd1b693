import type { AdminState, WatchedServer } from '../api/watched.ts'
import type { LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'
import { statusOf } from './status.ts'

/** A server as those outside see it. */
export function watchedServer(proxy: LiveProxy, server: LiveServer): WatchedServer {
  const { address, config, health, sums } = server
  const host = address && 'host' in address ? address.host : (address?.path ?? '')
  const port = address && 'port' in address ? address.port : 0
  return {
    backend: proxy.name,
    backendId: proxy.config.id,
    name: server.name,
    id: config.id,
    host,
    port,
    address: writtenAddress(server),
    status: statusOf(server),
    operationalState: operationalState(server),
    adminState: adminState(server),
    state: stateOf(server),
    weight: server.weight,
    initialWeight: config.weight,
    maxconn: server.maxconn,
    backup: config.backup,
    sessions: sums.current,
    queued: sums.queued,
    isChecked: config.check !== undefined,
    checkStatus: health?.last?.status ?? (config.check ? 'INI' : 'UNK'),
    checkHealth: health?.level ?? 1,
    checkPort: config.check?.port ?? 0,
    lastChangeSec: Math.floor((Date.now() - server.changedAt) / 1_000),
  }
}

function writtenAddress({ config: { address } }: LiveServer): string {
  if ('path' in address) return address.path
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return address.port === undefined ? host : `${host}:${address.port}`
}

function stateOf(server: LiveServer): AdminState {
  if (server.isInMaintenance) return 'maint'
  return server.isDrained ? 'drain' : 'ready'
}

function operationalState(server: LiveServer): 0 | 1 | 2 | 3 {
  if (!server.isUp) return 0
  if (server.health?.status === 'nolb') return 3
  return server.warmth < 1 ? 1 : 2
}

/** HAProxy's bits. */
function adminState({ maintenance, isDrained }: LiveServer): number {
  return (
    (maintenance.operator ? 1 : 0) |
    (maintenance.configuration ? 4 : 0) |
    (isDrained ? 8 : 0) |
    (maintenance.resolution ? 32 : 0)
  )
}
