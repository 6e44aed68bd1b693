import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { type AdminState, CommandError, type NewServer, type Watched, type WatchedServer } from '../api/watched.ts'
import type { Condition, Global, ProxyConfig, ServerConfig } from '../config/model.ts'
import { counted, shared } from '../engine/cells.ts'
import { holds } from '../engine/holds.ts'
import type { StatRow } from '../stats/row.ts'
import { initialAddress } from './addresses.ts'
import type { Fleet } from './fleet.ts'
import { infoOf } from './info.ts'
import type { LiveProxy } from './live-proxy.ts'
import type { LiveServer } from './live-server.ts'
import { newServerConfig, weightOf } from './new-server.ts'
import { rowsOf } from './rows.ts'
import { watchedServer } from './watched-server.ts'

const { version } = createRequire(import.meta.url)('@tourniquet/alacrity/package.json') as { readonly version: string }

/** What may be asked of the proxies and servers that run, and what they may be told. */
export abstract class WatchedFleet implements Watched {
  protected readonly fleet: Fleet
  readonly #startedAt = Date.now()

  protected constructor(fleet: Fleet) {
    this.fleet = fleet
  }

  abstract readonly started: Promise<void>
  abstract get isStopping(): boolean
  abstract reload(): Promise<{ readonly warnings: readonly string[] }>
  /** Pages are served by the frontends that are enabled now. */
  protected abstract servePages(): Promise<void>

  get global(): Global {
    return this.fleet.configuration.global
  }

  get proxies(): readonly ProxyConfig[] {
    return this.fleet.proxies.map(({ config }) => config)
  }

  rows(): StatRow[] {
    const { maxconn } = this.fleet
    const context = { maxconn, fullconn: (backend: string) => this.#fullconn(backend) }
    return this.fleet.proxies.flatMap((proxy) => rowsOf(proxy, context))
  }

  info(): ReadonlyMap<string, string | number> {
    const { proxies, process: sums, gates, pool, maxconn } = this.fleet
    const frontends = proxies.filter(({ frontend }) => frontend)
    const sum = (of: (proxy: LiveProxy) => number) => frontends.reduce((total, proxy) => total + of(proxy), 0)
    return infoOf({
      version,
      threads: pool.size,
      startedAt: this.#startedAt,
      maxconn,
      connections: sums.current,
      totalConnections: sum((proxy) => proxy.frontend?.total(counted.connTot) ?? 0),
      connectionRate: sum((proxy) => proxy.connectionRate),
      connectionRateMax: sum((proxy) => proxy.connectionRateMax),
      sessionRate: sum((proxy) => proxy.frontend?.rate ?? 0),
      sessionRateMax: sum((proxy) => proxy.frontend?.rateMax ?? 0),
      bytesOut: sum((proxy) => proxy.frontend?.total(counted.bout) ?? 0),
      listeners: gates.gates.length,
      isStopping: this.isStopping,
      idlePercent: Math.round(100 * (1 - performance.eventLoopUtilization().utilization)),
      node: this.global.node,
      description: this.global.description,
    })
  }

  holds(condition: Condition, client: { readonly address: string }): boolean {
    return holds(condition, {
      address: client.address,
      usableServers: (name) => this.fleet.backend(name)?.usableServers ?? 0,
      isUp: (backend, server) => this.fleet.backend(backend)?.server(server)?.isUp ?? false,
    })
  }

  servers(): readonly WatchedServer[] {
    return this.fleet.proxies.flatMap((proxy) => proxy.servers.map((server) => watchedServer(proxy, server)))
  }

  setState(backend: string, server: string, state: AdminState): void {
    const live = this.#server(backend, server)
    live.setState(state)
  }

  setWeight(backend: string, server: string, weight: string): void {
    const live = this.#server(backend, server)
    live.setWeight(weightOf(weight, live.config.weight))
  }

  setAddress(backend: string, server: string, host: string, port?: number): void {
    const live = this.#server(backend, server)
    const before = live.address && 'port' in live.address ? live.address.port : 0
    live.setAddress({ host, port: port ?? before })
    this.fleet.pool.tellAll({ type: 'address', backend, server, address: { host, port: port ?? before } })
  }

  setServerMaxconn(backend: string, server: string, maxconn: number): void {
    this.#server(backend, server).setMaxconn(maxconn)
  }

  setFrontendMaxconn(frontend: string, maxconn: number): void {
    const live = this.#frontend(frontend)
    live.maxconn = maxconn
    Atomics.store((live.frontend as NonNullable<LiveProxy['frontend']>).shared, shared.maxconn, maxconn)
    this.fleet.roomMade()
  }

  setGlobalMaxconn(maxconn: number): void {
    this.fleet.setMaxconn(maxconn)
  }

  setHealth(backend: string, server: string, health: 'up' | 'stopping' | 'down'): void {
    const live = this.#server(backend, server)
    if (!live.health) throw new CommandError('conflict', `${backend}/${server} is not checked: set its state instead`)
    live.setHealth(health)
  }

  setChecks(backend: string, server: string, enabled: boolean): void {
    const live = this.#server(backend, server)
    if (!live.config.check) throw new CommandError('conflict', `${backend}/${server} has no check`)
    live.setChecks(enabled)
  }

  async shutdownSessions(backend: string, server: string): Promise<number> {
    this.#server(backend, server)
    return await this.fleet.pool.request({ type: 'shut', backend, server, ending: 'KD' })
  }

  async setFrontendEnabled(frontend: string, enabled: boolean): Promise<void> {
    const live = this.#frontend(frontend)
    await this.fleet.inTurn(async () => {
      const before = live.isEnabled
      live.isEnabled = enabled
      try {
        await this.fleet.gates.have(this.fleet.gates.gates)
        await this.servePages()
      } catch (error) {
        live.isEnabled = before
        await this.fleet.publish()
        throw new CommandError('conflict', (error as Error).message)
      }
    })
  }

  clearCounters(all: boolean): void {
    for (const proxy of this.fleet.proxies) proxy.clear(all)
    this.fleet.process.clear(all)
  }

  async addServer(backend: string, server: NewServer): Promise<WatchedServer> {
    return await this.fleet.inTurn(async () => {
      const proxy = this.#backend(backend)
      if (proxy.server(server.name))
        throw new CommandError('conflict', `${backend} has a server ${server.name} already`)
      const others = proxy.servers.map(({ config }) => config)
      const config = newServerConfig({ ...proxy.config, servers: others }, server)
      const live = this.fleet.newServer(config, proxy.config, await this.#addressOf(config))
      proxy.servers.push(live)
      await this.fleet.publish()
      this.fleet.startChecks()
      return watchedServer(proxy, live)
    })
  }

  async removeServer(
    backend: string,
    server: string,
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<void> {
    await this.fleet.inTurn(async () => {
      const proxy = this.#backend(backend)
      const live = this.#server(backend, server)
      const { current } = live.sums
      if (!force && !live.isInMaintenance && current > 0) {
        throw new CommandError(
          'conflict',
          `${backend}/${server} has ${current} sessions: set it to maint or drain first, or force it`,
        )
      }
      live.stop()
      if (force) await this.shutdownSessions(backend, server)
      proxy.servers = proxy.servers.filter((each) => each !== live)
      await this.fleet.publish()
    })
  }

  async #addressOf(config: ServerConfig): ReturnType<typeof initialAddress> {
    try {
      return await initialAddress(config)
    } catch (error) {
      throw new CommandError('invalid', (error as Error).message)
    }
  }

  #backend(name: string): LiveProxy {
    const proxy = this.fleet.backend(name)
    if (!proxy) throw new CommandError('unknown', `there is no backend ${name}`)
    return proxy
  }

  #frontend(name: string): LiveProxy {
    const proxy = this.fleet.frontend(name)
    if (!proxy) throw new CommandError('unknown', `there is no frontend ${name}`)
    return proxy
  }

  #server(backend: string, name: string): LiveServer {
    const server = this.#backend(backend).server(name)
    if (!server) throw new CommandError('unknown', `backend ${backend} has no server ${name}`)
    return server
  }

  /** HAProxy's: a tenth of the connections of the frontends that may send there, rounded up. */
  #fullconn(backend: string): number {
    const { maxconn } = this.fleet
    const total = this.fleet.proxies
      .filter(
        ({ config }) =>
          config.defaultBackend === backend ||
          config.useBackend.some((use) => use.backend === backend) ||
          (config.kind === 'listen' && config.name === backend),
      )
      .reduce((sum, proxy) => sum + (proxy.config.maxconn ?? maxconn), 0)
    return Math.ceil(total / 10)
  }
}
