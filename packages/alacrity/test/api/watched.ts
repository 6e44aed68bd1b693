import {
  type AdminState,
  CommandError,
  type NewServer,
  type Watched,
  type WatchedServer,
} from '../../src/api/watched.ts'
import type { Condition, Global, ProxyConfig } from '../../src/config/model.ts'
import type { StatRow } from '../../src/stats/row.ts'
import { backendRow, frontendRow, serverRow } from './rows.ts'
import { sampleGlobal, sampleProxies } from './sample.ts'

type Changeable = { -readonly [Key in keyof WatchedServer]: WatchedServer[Key] }

/** A balancer without connections: what is watched, and what commands change, in memory. */
export class MemoryWatched implements Watched {
  readonly started: Promise<void> = Promise.resolve()
  readonly global: Global
  readonly proxies: readonly ProxyConfig[]
  isStopping = false
  /** What it was told, in order. */
  readonly told: string[] = []
  readonly extra = new Map<string, Partial<StatRow>>()
  /** What `info()` has beside what it always has. */
  readonly numbers = new Map<string, number>()
  reloadError: Error | undefined
  readonly #servers: Changeable[]
  readonly #stopped = new Set<string>()

  constructor(proxies: readonly ProxyConfig[] = sampleProxies, global: Global = sampleGlobal) {
    this.global = global
    this.proxies = proxies
    this.#servers = proxies.flatMap((proxy) => proxy.servers.map((server) => watched(proxy, server)))
  }

  rows(): StatRow[] {
    return this.proxies.flatMap((proxy) => {
      const servers = this.#servers.filter((server) => server.backend === proxy.name)
      const front = frontendRow(proxy, this.#stopped.has(proxy.name) ? 'STOP' : 'OPEN')
      const config = (name: string) => proxy.servers.find((server) => server.name === name)
      const rows = servers.map((server) => serverRow(server, config(server.name)))
      const back = backendRow(proxy, servers)
      const all =
        proxy.kind === 'frontend' ? [front] : proxy.kind === 'backend' ? [...rows, back] : [front, ...rows, back]
      return all.map((row): StatRow => ({ ...row, ...this.extra.get(`${row.pxname}/${row.svname}`) }))
    })
  }

  info(): ReadonlyMap<string, string | number> {
    return new Map<string, string | number>([
      ['Name', 'alacrity'],
      ['Version', '1.2.3'],
      ['Nbthread', 2],
      ['Nbproc', 1],
      ['Process_num', 1],
      ['Pid', 4711],
      ['Uptime', '0d 0h01m01s'],
      ['Uptime_sec', 61],
      ['Ulimit-n', 4035],
      ['Maxsock', 4035],
      ['Maxconn', 2000],
      ['CurrConns', 3],
      ['CumConns', 11],
      ['ConnRate', 1],
      ['MaxConnRate', 4],
      ['SessRate', 1],
      ['MaxSessRate', 4],
      ['Idle_pct', 100],
      ['node', this.global.node ?? ''],
      ['Stopping', this.isStopping ? 1 : 0],
      ['Listeners', 2],
      ['TotalBytesOut', 12_719],
      ['Start_time_sec', 1_795_360_879],
      ...this.numbers,
    ])
  }

  /** Only what tests ask: constants, and `nbsrv`. */
  holds({ negate, anyOf }: Condition, _client: { readonly address: string }): boolean {
    const holds = anyOf.some((terms) =>
      terms.every((term) => term.anyOf.some((test) => test.kind === 'always' && test.value) !== term.negate),
    )
    return holds !== negate
  }

  servers(): readonly WatchedServer[] {
    return this.#servers.map((server) => ({ ...server }))
  }

  setState(backend: string, server: string, state: AdminState): void {
    const it = this.#server(backend, server)
    this.told.push(`${backend}/${server} ${state}`)
    it.state = state
    it.adminState = { ready: 0, maint: 1, drain: 8 }[state]
    it.operationalState = state === 'maint' ? 0 : 2
    it.status = state === 'maint' ? 'MAINT' : state === 'drain' ? 'DRAIN' : it.isChecked ? 'UP' : 'no check'
  }

  setWeight(backend: string, server: string, weight: string): void {
    const it = this.#server(backend, server)
    const [, number, percent] = /^(\d+)(%?)$/.exec(weight) ?? []
    const value = percent ? (it.initialWeight * Number(number)) / 100 : Number(number)
    if (number === undefined || value > 256) {
      throw new CommandError('invalid', 'Absolute weight can only be between 0 and 256 inclusive.')
    }
    it.weight = Math.floor(value)
  }

  setAddress(backend: string, server: string, host: string, port?: number): void {
    const it = this.#server(backend, server)
    it.host = host
    it.port = port ?? it.port
    it.address = `${it.host}:${it.port}`
  }

  setServerMaxconn(backend: string, server: string, maxconn: number): void {
    this.#server(backend, server).maxconn = maxconn
  }

  setFrontendMaxconn(frontend: string, maxconn: number): void {
    this.told.push(`maxconn ${this.#frontend(frontend).name} ${maxconn}`)
  }

  setGlobalMaxconn(maxconn: number): void {
    if (maxconn > 2000) throw new CommandError('invalid', 'Value out of range.')
    this.told.push(`maxconn ${maxconn}`)
  }

  setHealth(backend: string, server: string, health: 'up' | 'stopping' | 'down'): void {
    const it = this.#server(backend, server)
    it.status = { up: 'UP', stopping: 'NOLB', down: 'DOWN' }[health]
    it.operationalState = ({ up: 2, stopping: 3, down: 0 } as const)[health]
  }

  setChecks(backend: string, server: string, enabled: boolean): void {
    this.#server(backend, server)
    this.told.push(`${backend}/${server} checks ${enabled}`)
  }

  async shutdownSessions(backend: string, server: string): Promise<number> {
    const it = this.#server(backend, server)
    const ended = it.sessions
    it.sessions = 0
    return ended
  }

  async setFrontendEnabled(frontend: string, enabled: boolean): Promise<void> {
    this.#frontend(frontend)
    if (enabled) this.#stopped.delete(frontend)
    else this.#stopped.add(frontend)
  }

  clearCounters(all: boolean): void {
    this.told.push(all ? 'clear all' : 'clear')
  }

  async addServer(
    backend: string,
    { name, address, weight = 1, maxconn = 0, backup = false }: NewServer,
  ): Promise<WatchedServer> {
    const proxy = this.proxies.find((each) => each.name === backend && each.kind !== 'frontend')
    if (!proxy) throw new CommandError('unknown', 'No such backend.')
    const others = this.#servers.filter((each) => each.backend === backend)
    if (others.some((each) => each.name === name)) {
      throw new CommandError('conflict', 'Already exists a server with the same name in backend.')
    }
    const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? []
    const config = { ...proxy.servers[0]!, name, weight, maxconn, backup, disabled: false, id: others.length + 1 }
    const added = watched(proxy, { ...config, address: { host, port: Number(port) } })
    this.#servers.push(added)
    return { ...added }
  }

  async removeServer(
    backend: string,
    server: string,
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<void> {
    const it = this.#server(backend, server)
    if (it.state !== 'maint' && !force) {
      throw new CommandError('conflict', 'Only servers in maintenance mode can be deleted.')
    }
    this.#servers.splice(this.#servers.indexOf(it), 1)
  }

  async reload(): Promise<{ readonly warnings: readonly string[] }> {
    if (this.reloadError) throw this.reloadError
    this.told.push('reload')
    return { warnings: ['sample.cfg:1: chroot is ignored'] }
  }

  /** Changes what is seen of a server, as traffic would. */
  touch(backend: string, server: string, change: Partial<Changeable>): void {
    Object.assign(this.#server(backend, server), change)
  }

  #server(backend: string, name: string): Changeable {
    if (!this.proxies.some((proxy) => proxy.name === backend && proxy.kind !== 'frontend')) {
      throw new CommandError('unknown', 'No such backend.')
    }
    const server = this.#servers.find((each) => each.backend === backend && each.name === name)
    if (!server) throw new CommandError('unknown', 'No such server.')
    return server
  }

  #frontend(name: string): ProxyConfig {
    const proxy = this.proxies.find((each) => each.name === name && each.kind !== 'backend')
    if (!proxy) throw new CommandError('unknown', 'No such frontend.')
    return proxy
  }
}

function watched(proxy: ProxyConfig, server: ProxyConfig['servers'][number]): Changeable {
  const { host, port = 0 } = server.address as { host: string; port?: number }
  const isChecked = server.check !== undefined
  return {
    backend: proxy.name,
    backendId: proxy.id,
    name: server.name,
    id: server.id,
    host,
    port,
    address: `${host}:${port}`,
    status: server.disabled ? 'MAINT' : isChecked ? 'UP' : 'no check',
    operationalState: server.disabled ? 0 : 2,
    adminState: server.disabled ? 5 : 0,
    state: server.disabled ? 'maint' : 'ready',
    weight: server.weight,
    initialWeight: server.weight,
    maxconn: server.maxconn,
    backup: server.backup,
    sessions: 0,
    queued: 0,
    isChecked,
    checkStatus: isChecked ? 'L4OK' : '',
    checkHealth: isChecked ? 4 : 2,
    checkPort: 0,
    lastChangeSec: 2,
  }
}
