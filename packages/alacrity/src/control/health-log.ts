import { describeChange, describeEmpty } from '../health/describe.ts'
import type { HealthEvent } from '../health/event.ts'
import { type Level, type LogWriter, levelNames } from '../log/write.ts'
import type { LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'

/** Who is told: the log of the backend, and, as by HAProxy in the foreground, whoever watches the process. */
interface Told {
  readonly log: LogWriter
  readonly warn: (message: string) => void
}

/** Tells what the checks of one of a backend's servers say. */
export function logHealth(told: Told, proxy: LiveProxy, server: LiveServer, event: HealthEvent): void {
  const usable = proxy.servers.filter((each) => each.isUsable)
  const active = usable.filter(({ config }) => !config.backup).length
  const lines = describeChange(event, {
    backend: proxy.name,
    server: server.name,
    isBackup: server.config.backup,
    active,
    backup: usable.length - active,
    sessions: server.sums.current,
    requeued: 0,
    queued: proxy.backend?.queued ?? 0,
    logHealthChecks: proxy.config.logHealthChecks,
  })
  for (const line of lines) tell(told, proxy, line)
}

/** The last of its servers is gone. */
export function logEmpty(told: Told, proxy: LiveProxy): void {
  const kind = proxy.config.kind === 'listen' ? 'listen' : 'backend'
  tell(told, proxy, describeEmpty({ name: proxy.name, kind }))
}

function tell(
  { log, warn }: Told,
  { config }: LiveProxy,
  { level, text }: { readonly level: number; readonly text: string },
): void {
  warn(text)
  log.write(config.log.targets, levelNames[level] as Level, [text], config.log.tag)
}
