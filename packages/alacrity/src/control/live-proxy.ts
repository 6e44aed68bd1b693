import type { ProxyConfig, ServerConfig } from '../config/model.ts'
import { cellsFor, counted } from '../engine/cells.ts'
import type { ProxyPlan } from '../engine/plan.ts'
import { Downtime } from './downtime.ts'
import type { LiveServer } from './live-server.ts'
import { nextSerial } from './serial.ts'
import { Sums } from './sums.ts'

/** A `frontend`, `backend` or `listen` as the control thread has it. */
export class LiveProxy {
  config: ProxyConfig
  readonly #serial: number = nextSerial()
  /** Its numbers as a frontend, and as a backend. */
  readonly frontend: Sums | undefined
  readonly backend: Sums | undefined
  servers: LiveServer[] = []
  isEnabled = true
  /** As an operator set it. */
  maxconn: number | undefined
  changedAt: number = Date.now()
  readonly downtime: Downtime = new Downtime()
  #isNew = true
  #lastConnections = 0
  connectionRate = 0
  connectionRateMax = 0

  constructor(config: ProxyConfig, threads: number) {
    this.config = config
    this.frontend = config.kind === 'backend' ? undefined : new Sums(cellsFor(threads))
    this.backend = config.kind === 'frontend' ? undefined : new Sums(cellsFor(threads))
  }

  get name(): string {
    return this.config.name
  }

  /** What makes it the same proxy after a reload. */
  get key(): string {
    return keyOf(this.config)
  }

  /** Can its backend take a connection? One without servers can, as HAProxy has it. */
  get isUp(): boolean {
    return this.servers.length === 0 || this.servers.some((server) => server.isUsable && server.weight > 0)
  }

  /** HAProxy's `nbsrv`: the active servers that can take a connection, or the backups where there are none. */
  get usableServers(): number {
    const usable = this.servers.filter((server) => server.isUsable && server.weight > 0)
    const active = usable.filter(({ config }) => !config.backup).length
    return active > 0 ? active : this.config.allbackups ? usable.length : Math.min(1, usable.length)
  }

  server(name: string): LiveServer | undefined {
    return this.servers.find((server) => server.name === name)
  }

  /** The state of a server has changed. Returns whether the backend went down by that, or came up. */
  review(): 'down' | 'up' | undefined {
    const { isUp } = this
    const isFirst = this.#isNew
    this.#isNew = false
    if (isUp !== this.downtime.isDown) return undefined
    this.changedAt = Date.now()
    if (isUp) {
      this.downtime.end()
      return 'up'
    }
    this.downtime.begin(!isFirst)
    return isFirst ? undefined : 'down'
  }

  /** Once a second. */
  sample(): void {
    this.frontend?.sample()
    this.backend?.sample()
    if (!this.frontend) return
    const connections = this.frontend.total(counted.connTot)
    this.connectionRate = Math.max(0, connections - this.#lastConnections)
    this.#lastConnections = connections
    this.connectionRateMax = Math.max(this.connectionRateMax, this.connectionRate)
  }

  clear(all: boolean): void {
    for (const sums of [this.frontend, this.backend, ...this.servers.map((server) => server.sums)]) sums?.clear(all)
    this.connectionRateMax = 0
    if (all) this.#lastConnections = 0
  }

  /** Another configuration for it. What an operator has set holds unless the configuration has changed there. */
  update(config: ProxyConfig, servers: readonly LiveServer[]): this {
    for (const [at, server] of servers.entries()) server.update(config.servers[at] as ServerConfig, config)
    if (config.maxconn !== this.config.maxconn) this.maxconn = undefined
    this.config = config
    this.servers = [...servers]
    return this
  }

  /** What the data threads are to know of it. */
  plan(config: ProxyConfig, servers: readonly LiveServer[], configs: ProxyConfig['servers']): ProxyPlan {
    return {
      serial: this.#serial,
      config,
      ...(this.frontend && { frontend: this.frontend.cells }),
      ...(this.backend && { backend: this.backend.cells }),
      servers: servers.map(({ serial, sums, address }, at) => ({
        serial,
        config: configs[at] as ProxyConfig['servers'][number],
        cells: sums.cells,
        ...(address && { address }),
      })),
    }
  }
}

/** A frontend and a backend may have the same name. */
export function keyOf({ kind, name }: Pick<ProxyConfig, 'kind' | 'name'>): string {
  return kind === 'frontend' ? `frontend ${name}` : `backend ${name}`
}
