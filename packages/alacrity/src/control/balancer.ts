import { setTimeout } from 'node:timers/promises'
import { startRuntimeSocket } from '../api/runtime/index.ts'
import { CommandError } from '../api/watched.ts'
import { formatProblem } from '../config/errors.ts'
import type { Configuration, StatsSocket } from '../config/model.ts'
import { Fleet } from './fleet.ts'
import { changeOf, type Gate, openComing } from './gates.ts'
import { canSharePorts, processors } from './limits.ts'
import { OwnGates } from './own-gates.ts'
import { openPage, type PageGate, pagesOf } from './pages.ts'
import { asStaged } from './staging.ts'
import { WatchedFleet } from './watched-fleet.ts'

export interface BalancerOptions {
  /** Reads the configuration again, for `reload`. Default: the balancer cannot be reloaded without one being given. */
  readonly read?: () => Configuration | Promise<Configuration>
  /** What an operator should know: default is one line on standard error. */
  readonly warn?: (message: string) => void
}

/**
 * A running load balancer.
 *
 * ```ts
 * const balancer = await Balancer.start(readConfiguration(text, { file: 'haproxy.cfg' }))
 * …
 * await balancer.stop()
 * ```
 */
export class Balancer extends WatchedFleet {
  readonly #options: BalancerOptions
  readonly #warn: (message: string) => void
  readonly #pages: OwnGates<PageGate> = new OwnGates((gate) => openPage(gate, this))
  readonly #sockets: OwnGates<SocketGate> = new OwnGates(({ socket }) => startRuntimeSocket(socket, this))
  readonly started: Promise<void>
  #hasStarted!: () => void
  #isStopping = false
  /** Aborted when nothing is to be waited for any more. */
  readonly #urgent = new AbortController()
  #stopped: Promise<void> | undefined
  #ended: Promise<void> | undefined

  private constructor(fleet: Fleet, options: BalancerOptions & { readonly warn: (message: string) => void }) {
    super(fleet)
    this.#options = options
    this.#warn = options.warn
    this.started = new Promise((resolve) => {
      this.#hasStarted = resolve
    })
  }

  /**
   * Starts a balancer.
   *
   * @throws Error that names the line, where an address cannot be listened on or a name not be resolved; nothing is left running then
   */
  static async start(configuration: Configuration, options: BalancerOptions = {}): Promise<Balancer> {
    const { warn = complain } = options
    const balancer = new Balancer(fleetFor(configuration, warn), { ...options, warn })
    try {
      await balancer.fleet.pool.start()
      await balancer.apply(configuration)
    } catch (error) {
      await balancer.#end()
      throw error
    }
    return balancer
  }

  /**
   * Runs another configuration, in place: no connection is dropped, listeners that stay are not touched.
   *
   * @throws Error that names the line; then nothing has changed
   */
  async apply(configuration: Configuration): Promise<void> {
    await this.fleet.inTurn(async () => {
      if (this.#isStopping) throw new CommandError('conflict', 'the balancer is stopping')
      const staged = await this.fleet.stage(configuration)
      const [sockets, pages, gates] = [socketsOf(configuration), pagesOf(staged), this.fleet.gatesOf(configuration)]
      await openComing([
        // First: who sees that a frontend accepts may ask for its statistics.
        changeOf(this.#sockets, sockets),
        changeOf(this.#pages, pages),
        changeOf(this.fleet.gates, gates),
      ])
      await this.fleet.commit(configuration, staged, gates)
      await this.#pages.have(pages)
      await this.#sockets.have(sockets)
      this.#hasStarted()
    })
  }

  /** Reads the configuration again and runs it. Where that cannot be, nothing changes, and `warn` is told why. */
  async reload(): Promise<{ readonly warnings: readonly string[] }> {
    const { read } = this.#options
    if (!read) {
      throw new CommandError(
        'conflict',
        'there is no configuration to read again: this balancer was started without `read`',
      )
    }
    try {
      const configuration = await read()
      await this.apply(configuration)
      return { warnings: configuration.warnings.map(formatProblem) }
    } catch (error) {
      this.#warn(`not reloaded, nothing has changed:\n${(error as Error).message}`)
      throw error
    }
  }

  /**
   * Ends in an orderly way: `/health` fails for `grace`, then nothing new is accepted, established connections may
   * finish within `hard-stop-after`. Again: the same promise.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    this.#urgent.abort()
    await this.#end()
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  protected async servePages(): Promise<void> {
    await this.#pages.have(pagesOf(asStaged(this.fleet.proxies)))
  }

  async #stop(): Promise<void> {
    this.#isStopping = true
    const { graceMs, hardStopAfterMs } = this.global
    await setTimeout(graceMs, undefined, { signal: this.#urgent.signal }).catch(() => {})
    if (this.#ended) return await this.#ended
    await this.fleet.stop(hardStopAfterMs)
    await this.#end()
  }

  #end(): Promise<void> {
    this.#ended ??= (async () => {
      await this.#pages.have([])
      await this.#sockets.have([])
      await this.fleet.close()
    })()
    return this.#ended
  }
}

interface SocketGate extends Gate {
  readonly socket: StatsSocket
}

/** One that is set otherwise is another one. */
function socketsOf({ global }: Configuration): SocketGate[] {
  return global.statsSockets.map((socket) => {
    const { at, mode, level } = socket
    return { key: JSON.stringify([at, mode, level]), at, isShared: false, socket }
  })
}

/** As many data threads as are wanted, where threads can share a port, and one otherwise. */
function fleetFor(configuration: Configuration, warn: (message: string) => void): Fleet {
  const canShare = canSharePorts()
  const wanted = configuration.global.nbthread ?? (canShare ? processors() : 1)
  const threads = canShare ? wanted : 1
  if (threads < wanted) {
    warn(
      `nbthread ${wanted}: this Node (${process.version}) cannot share a port among threads, 22.12 and later can, on Linux; there is one data thread`,
    )
  }
  return new Fleet(configuration, { threads, reusePort: threads > 1, warn })
}

function complain(message: string): void {
  process.stderr.write(`alacrity: ${message}\n`)
}
