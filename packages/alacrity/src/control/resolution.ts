import type { ResolversConfig } from '../config/model.ts'
import { assign, Names } from './addresses.ts'
import type { LiveServer } from './live-server.ts'

/** Servers that share a name and those who resolve it. */
interface Group {
  readonly name: string
  readonly names: Names
  readonly servers: LiveServer[]
}

/** Keeps the addresses of servers with `resolvers` as their names say, for as long as the process lives. */
export class Resolution {
  readonly #changed: (server: LiveServer) => void
  #timers: NodeJS.Timeout[] = []
  #names: Names[] = []

  constructor(changed: (server: LiveServer) => void) {
    this.#changed = changed
  }

  /** Begins again with these. */
  start(resolvers: readonly ResolversConfig[], servers: readonly LiveServer[]): void {
    this.stop()
    for (const config of resolvers) {
      const names = new Names(config)
      this.#names.push(names)
      for (const group of groupsOf(
        names,
        servers.filter((server) => server.config.resolvers === config.name),
      ))
        this.#keep(group)
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const names of this.#names) names.cancel()
    this.#timers = []
    this.#names = []
  }

  #keep(group: Group): void {
    void this.#resolve(group)
    const timer = setInterval(() => void this.#resolve(group), Math.max(1_000, group.names.holdMs))
    timer.unref()
    this.#timers.push(timer)
  }

  async #resolve({ name, names, servers }: Group): Promise<void> {
    const addresses = await names.resolve(
      name,
      servers.map(hostOf).filter((host) => host !== undefined),
    )
    if (!this.#names.includes(names)) return
    for (const [at, host] of assign(servers, addresses).entries()) {
      const server = servers[at] as LiveServer
      if (host === hostOf(server)) continue
      const { address } = server.config
      server.setAddress(host === undefined ? undefined : { host, port: ('port' in address && address.port) || 0 })
      this.#changed(server)
    }
  }
}

function hostOf({ address }: LiveServer): string | undefined {
  return address && 'host' in address ? address.host : undefined
}

function groupsOf(names: Names, servers: readonly LiveServer[]): Group[] {
  const groups = new Map<string, Group>()
  for (const server of servers) {
    const { address } = server.config
    if (!('host' in address)) continue
    const key = `${server.backend} ${address.host}`
    const group = groups.get(key) ?? { name: address.host, names, servers: [] }
    group.servers.push(server)
    groups.set(key, group)
  }
  return [...groups.values()]
}
