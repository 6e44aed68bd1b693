import type { LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'

/** HAProxy's status word of a server, to the letter: monitoring compares it. */
export function statusOf(server: LiveServer): string {
  const { maintenance, health, isDrained } = server
  if (maintenance.resolution && !maintenance.operator && !maintenance.configuration) return 'MAINT (resolution)'
  if (maintenance.operator || maintenance.configuration) return 'MAINT'
  if (server.isInMaintenance) return `MAINT (via ${server.config.track?.backend}/${server.config.track?.server})`
  if (health?.status === 'down') return health.level === 0 ? 'DOWN' : `DOWN ${health.level}/${health.rise}`
  if (isDrained) return 'DRAIN'
  if (!health) return 'no check'
  const word = health.status === 'nolb' ? 'NOLB' : 'UP'
  const left = health.level - health.rise + 1
  return left >= health.fall ? word : `${word} ${left}/${health.fall}`
}

export function frontendStatus({ config, isEnabled }: LiveProxy): 'OPEN' | 'PAUSED' | 'STOP' {
  if (config.disabled) return 'STOP'
  return isEnabled ? 'OPEN' : 'PAUSED'
}

export function backendStatus(proxy: LiveProxy): 'UP' | 'DOWN' | 'STOP' {
  if (proxy.config.disabled) return 'STOP'
  return proxy.isUp ? 'UP' : 'DOWN'
}
