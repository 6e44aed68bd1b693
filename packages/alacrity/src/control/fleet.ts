import type { Configuration, ProxyConfig, ServerConfig } from '../config/model.ts'
import { cellsFor, shared } from '../engine/cells.ts'
import type { ServerAddress } from '../engine/plan.ts'
import { firstDelays } from '../health/schedule.ts'
import { LogWriter } from '../log/write.ts'
import { type DataGate, DataGates, dataGatesOf } from './data-gates.ts'
import { logEmpty } from './health-log.ts'
import { connectionsThatFit, connectionsThatMayWait } from './limits.ts'
import type { LiveProxy } from './live-proxy.ts'
import { LiveServer } from './live-server.ts'
import { Queues } from './queues.ts'
import { Resolution } from './resolution.ts'
import { ServerNews } from './server-news.ts'
import { asStaged, type Staged, stage } from './staging.ts'
import { Sums } from './sums.ts'
import { ThreadNews } from './thread-news.ts'
import { ThreadPool } from './thread-pool.ts'

export interface FleetOptions {
  readonly threads: number
  readonly reusePort: boolean
  /** What an operator should know. */
  readonly warn: (message: string) => void
}

/** All proxies and servers of a running balancer, and the data threads that work for them. */
export class Fleet {
  configuration: Configuration
  proxies: readonly LiveProxy[] = []
  readonly process: Sums
  readonly pool: ThreadPool
  readonly gates: DataGates
  readonly log: LogWriter = new LogWriter()
  readonly queues: Queues
  readonly warn: (message: string) => void
  readonly #options: FleetOptions
  readonly #resolution: Resolution
  readonly #serverNews = new ServerNews(this)
  readonly #timer: NodeJS.Timeout
  /** As an operator set it. */
  #maxconn: number | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(configuration: Configuration, options: FleetOptions) {
    this.configuration = configuration
    this.#options = options
    this.warn = options.warn
    this.process = new Sums(cellsFor(options.threads))
    Atomics.store(this.process.shared, shared.mayWait, connectionsThatMayWait())
    this.pool = new ThreadPool(options.threads, options.reusePort, new ThreadNews(this))
    const running = () => asStaged(this.proxies)
    this.gates = new DataGates({ pool: this.pool, cells: this.process.cells, running })
    this.queues = new Queues((thread, order) => this.pool.tell(thread, order))
    this.#resolution = new Resolution((server) => this.#addressChanged(server))
    this.#timer = setInterval(() => this.#tick(), 1_000)
  }

  get maxconn(): number {
    return this.process.shared[shared.maxconn] as number
  }

  setMaxconn(maxconn: number): void {
    this.#maxconn = maxconn
    this.#publishMaxconn()
  }

  backend(name: string): LiveProxy | undefined {
    return this.proxies.find((proxy) => proxy.backend && proxy.name === name)
  }

  frontend(name: string): LiveProxy | undefined {
    return this.proxies.find((proxy) => proxy.frontend && proxy.name === name)
  }

  servers(): LiveServer[] {
    return this.proxies.flatMap((proxy) => proxy.servers)
  }

  gatesOf(configuration: Configuration): DataGate[] {
    return dataGatesOf(configuration, this.#options.reusePort)
  }

  /**
   * Prepares another configuration: what stays the same goes on as if nothing had happened.
   *
   * @throws Error that names the line, if a name cannot be resolved
   */
  async stage(configuration: Configuration): Promise<Staged[]> {
    return await stage(configuration, this.proxies, this.#options.threads, (...parts) => this.newServer(...parts))
  }

  /** Runs what was staged; its gates are open already. */
  async commit(configuration: Configuration, staged: readonly Staged[], gates: readonly DataGate[]): Promise<void> {
    const kept = new Set(staged.flatMap(({ servers }) => servers))
    for (const server of this.servers()) if (!kept.has(server)) server.stop()
    if (configuration.global.maxconn !== this.configuration.global.maxconn) this.#maxconn = undefined
    this.configuration = configuration
    this.proxies = staged.map(({ config, proxy, servers }) => proxy.update(config, servers))
    this.#track()
    this.#publishMaxconn()
    await this.#publish(gates)
    this.startChecks()
    this.#resolution.start(configuration.resolvers, [...kept])
  }

  /** One after the other: what changes the proxies and servers would undo what another has just done. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return await done
  }

  /** Has the data threads work with the servers as they are now, after one was added or removed. */
  async publish(): Promise<void> {
    await this.#publish(this.gates.gates)
  }

  newServer(config: ServerConfig, proxy: ProxyConfig, address: ServerAddress | undefined): LiveServer {
    return new LiveServer(config, proxy, this.#options.threads, address, this.#serverNews)
  }

  /** Sessions of a frontend that has more room now. */
  roomMade(): void {
    for (const { name } of this.proxies) this.pool.tellAll({ type: 'room', frontend: name })
  }

  /** Checks all servers that are to be checked and are not yet; the first checks are spread, so that a thousand servers are not dialled at once. */
  startChecks(): void {
    const checked = this.servers().filter(({ config }) => config.check)
    const delays = firstDelays(checked.map(({ config }) => config.check?.fastinterMs ?? 0))
    for (const [at, server] of checked.entries()) server.start(delays[at])
  }

  /** Takes nothing new; resolves when the last connection has ended, or been cut after `cutAfterMs`. */
  async stop(cutAfterMs: number | undefined): Promise<void> {
    const cut = cutAfterMs === undefined ? undefined : setTimeout(() => this.pool.cut(), cutAfterMs)
    await this.pool.stop()
    clearTimeout(cut)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const server of this.servers()) server.stop()
    this.#resolution.stop()
    await this.pool.terminate()
    this.log.close()
  }

  /** Something of its servers has changed: those who computed with it compute again. */
  reviewed(proxy: LiveProxy): void {
    if (!proxy.backend) return
    Atomics.add(proxy.backend.shared, shared.version, 1)
    if (proxy.review() === 'down') logEmpty(this, proxy)
  }

  async #publish(gates: readonly DataGate[]): Promise<void> {
    for (const problem of await this.gates.use(gates)) this.warn(problem)
    this.#reviewAll()
  }

  /** Who tracks whom. */
  #track(): void {
    for (const server of this.servers()) {
      const { track } = server.config
      server.tracked = track && this.backend(track.backend)?.server(track.server)
      if (track) server.review()
    }
  }

  /** Who computes with servers computes again, and who waits for one may try. */
  #reviewAll(): void {
    for (const proxy of this.proxies) {
      this.reviewed(proxy)
      this.queues.everybody(proxy.name)
    }
  }

  #publishMaxconn(): void {
    const { maxconn } = this.configuration.global
    const gates = this.gatesOf(this.configuration).length
    const fits = connectionsThatFit(this.#options.threads, gates, this.servers().length)
    const wanted = this.#maxconn ?? maxconn
    if (wanted !== undefined && wanted > fits) {
      this.warn(
        `maxconn ${wanted} needs more open files than the limit allows: ${fits} connections fit; raise it with "ulimit -n"`,
      )
    }
    Atomics.store(this.process.shared, shared.maxconn, wanted ?? fits)
    for (const { frontend, config, maxconn: set } of this.proxies) {
      if (frontend) Atomics.store(frontend.shared, shared.maxconn, set ?? config.maxconn ?? 0)
    }
    this.roomMade()
  }

  #addressChanged({ backend, name, address }: LiveServer): void {
    this.pool.tellAll({ type: 'address', backend, server: name, ...(address && { address }) })
  }

  #tick(): void {
    this.process.sample()
    for (const proxy of this.proxies) {
      proxy.sample()
      for (const server of proxy.servers) server.tick()
    }
  }
}
