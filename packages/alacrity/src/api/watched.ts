import type { Condition, Global, ProxyConfig, StatsConfig } from '../config/model.ts'
import type { StatRow } from '../stats/row.ts'

/** What the page, the sockets and the management API may ask of a balancer, and tell it to do. */
export interface Watched {
  /** Of all proxies in the order of the file: frontend, servers, backend. As of now. */
  rows(): StatRow[]
  /** `show info`'s fields that there are, in its order: Name, Version, Pid, Uptime_sec, Maxconn, CurrConns, … */
  info(): ReadonlyMap<string, string | number>
  /** What the running configuration says. */
  readonly global: Global
  readonly proxies: readonly ProxyConfig[]
  /** Does it hold for a client with this address? For `stats admin if …`. */
  holds(condition: Condition, client: { readonly address: string }): boolean
  /** Servers as `show servers state` and the management API have them. */
  servers(): readonly WatchedServer[]

  /** Every one of these throws a `CommandError` where there is no such backend or server, or the value makes no sense. */
  setState(backend: string, server: string, state: AdminState): void
  /** `50`, or `50%` of what the configuration says. */
  setWeight(backend: string, server: string, weight: string): void
  setAddress(backend: string, server: string, host: string, port?: number): void
  /** 0: no limit. */
  setServerMaxconn(backend: string, server: string, maxconn: number): void
  setFrontendMaxconn(frontend: string, maxconn: number): void
  setGlobalMaxconn(maxconn: number): void
  /** Says what checks say, until the next check: `up`, `stopping` (NOLB), `down`. */
  setHealth(backend: string, server: string, health: 'up' | 'stopping' | 'down'): void
  setChecks(backend: string, server: string, enabled: boolean): void
  /** Ends the sessions that are on it now. Returns how many. */
  shutdownSessions(backend: string, server: string): Promise<number>
  /** `false`: takes no new connections, as `disable frontend`. */
  setFrontendEnabled(frontend: string, enabled: boolean): Promise<void>
  /** Maxima only, or everything (`clear counters all`). */
  clearCounters(all: boolean): void

  addServer(backend: string, server: NewServer): Promise<WatchedServer>
  /** Must be in maintenance or have no sessions, unless `force`. */
  removeServer(backend: string, server: string, options?: { readonly force?: boolean }): Promise<void>

  /** Reads the file again. Rejects, and changes nothing, if it does not hold together. */
  reload(): Promise<{ readonly warnings: readonly string[] }>
  /** Resolves when the first configuration is in use: sockets and pages open before, and who comes then waits for it. */
  readonly started: Promise<void>
  /** Is it on its way out? Then `/health` fails. */
  readonly isStopping: boolean
}

export type AdminState = 'ready' | 'drain' | 'maint'

export interface NewServer {
  readonly name: string
  /** `host:port`. */
  readonly address: string
  readonly weight?: number
  readonly maxconn?: number
  readonly backup?: boolean
  /** Checked as the backend's default-server says. Default: as the other servers of the backend are. */
  readonly check?: boolean
}

export interface WatchedServer {
  readonly backend: string
  readonly backendId: number
  readonly name: string
  readonly id: number
  /** As resolved now; '' while it is not. */
  readonly host: string
  readonly port: number
  /** As the file wrote it: `db1.internal:5432`. */
  readonly address: string
  /** HAProxy's status word, as in the CSV. */
  readonly status: string
  /** HAProxy's `srv_op_state`: 0 stopped, 1 starting (slowstart), 2 running, 3 stopping (soft). */
  readonly operationalState: 0 | 1 | 2 | 3
  /** HAProxy's `srv_admin_state` bits: 1 forced maint, 4 maint by configuration, 8 forced drain, 32 resolution failed. */
  readonly adminState: number
  readonly state: AdminState
  /** As set at run time. */
  readonly weight: number
  /** As the file says. */
  readonly initialWeight: number
  readonly maxconn: number
  readonly backup: boolean
  readonly sessions: number
  readonly queued: number
  readonly isChecked: boolean
  readonly checkStatus: string
  readonly checkHealth: number
  readonly checkPort: number
  /** Seconds since its state changed last. */
  readonly lastChangeSec: number
}

/** A command that cannot be carried out; its message is what the asker reads. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** There is no such frontend, backend or server (HTTP: 404), what was asked makes no sense (400), or not now (409). */
  readonly reason: 'unknown' | 'invalid' | 'conflict'

  constructor(reason: CommandError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** The section that serves a page: what its `stats` lines say. */
export interface PageSection {
  readonly name: string
  readonly stats?: StatsConfig
  readonly monitorUri?: string
  readonly monitorFail?: Condition
  readonly prometheusPaths: readonly string[]
}
