import { basename } from 'node:path'
import { waitFor } from '../wait-for.ts'
import { canConnect } from './can-connect.ts'
import { freePort } from './free-port.ts'
import { freezeTree, killSurvivors, killTree, thawTree, treeOf } from './process-tree.ts'
import { launch, type RunningChild } from './running-child.ts'
import { checkServerOptions, type ServerOptions, type StartingServer } from './server-options.ts'

/** `frozen`: stopped by SIGSTOP, its sockets open. `stopped`: not there, for whatever reason. */
export type ServerState = 'running' | 'frozen' | 'stopped'

/**
 * A real server in a child process, listening on a port of 127.0.0.1 that stays its own through
 * every restart. What is done to it is done to its descendants too.
 */
export class ChildServer implements AsyncDisposable {
  readonly host: string = '127.0.0.1'
  readonly port: number
  readonly name: string
  readonly #options: ServerOptions
  #child: RunningChild | undefined
  #frozen = false
  #restarting: Promise<void> | undefined

  constructor(options: ServerOptions, port: number) {
    this.#options = options
    this.port = port
    this.name = options.name ?? basename(options.command)
  }

  /** `tcp://127.0.0.1:PORT` */
  get url(): string {
    return `tcp://${this.host}:${this.port}`
  }

  /** The process id; undefined while it is stopped. */
  get pid(): number | undefined {
    return this.#child?.alive ? this.#child.pid : undefined
  }

  get state(): ServerState {
    if (!this.#child?.alive) return 'stopped'
    return this.#frozen ? 'frozen' : 'running'
  }

  /** The last 4,096 characters it wrote to stdout and stderr since its last start. */
  get output(): string {
    return String(this.#child?.output ?? '')
  }

  /** SIGKILL, as a power failure. Resolves once it is gone; at once if it already is. */
  async kill(): Promise<void> {
    if (!this.#child?.alive) return
    const tree = killTree(this.#child.pid)
    await this.#child.exited
    await killSurvivors(tree)
  }

  /**
   * SIGSTOP: its sockets stay open, nothing answers. Resolves once the system shows it stopped.
   *
   * @throws Error if it is stopped already, or exits meanwhile
   */
  async freeze(): Promise<void> {
    await freezeTree(this.#alive('freeze').pid)
    this.#alive('freeze')
    this.#frozen = true
  }

  /**
   * SIGCONT: it goes on where it was.
   *
   * @throws Error if it is stopped
   */
  async thaw(): Promise<void> {
    await thawTree(this.#alive('thaw').pid)
    this.#frozen = false
  }

  /** Asks it to stop, and kills it if it has not in `stopGraceMs`. At once if it is not there. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child?.alive) return
    if (this.#frozen) await thawTree(child.pid)
    this.#frozen = false
    const tree = treeOf(child.pid)
    child.signal(this.#options.stopSignal ?? 'SIGTERM')
    const grace = setTimeout(() => killTree(child.pid), this.#options.stopGraceMs ?? 2_000)
    await child.exited
    clearTimeout(grace)
    await killSurvivors(tree)
  }

  /**
   * Starts it again on the same port, once stopped; resolves when it is ready.
   *
   * @throws Error if it exits before that, is not ready in `startTimeoutMs`, or the port is taken
   */
  restart(): Promise<void> {
    this.#restarting ??= this.stop()
      .then(() => this.#start())
      .finally(() => {
        this.#restarting = undefined
      })
    return this.#restarting
  }

  /** As `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #start(): Promise<void> {
    const { command, args = [], env = {}, cwd } = this.#options
    if (await canConnect(this.host, this.port)) {
      throw new Error(`cannot start ${this.name}: somebody else listens on port ${this.port}. Use another port`)
    }
    const program = { command, args: typeof args === 'function' ? args(this.port) : args, env, cwd }
    this.#child = await launch(program)
    this.#frozen = false
    await this.#untilReady(this.#child)
  }

  async #untilReady(child: RunningChild): Promise<void> {
    const { ready = isAccepting, startTimeoutMs = 30_000 } = this.#options
    const isReady = async (): Promise<boolean> => (await ready(this)) !== false
    const gone = new AbortController()
    void child.exited.then((how) => gone.abort(new Error(`it exited with ${how}`)))
    try {
      await waitFor(isReady, { timeoutMs: startTimeoutMs, what: `${this.name} to be ready`, signal: gone.signal })
    } catch (cause) {
      await this.kill()
      throw new Error(`${this.name} did not start: ${(cause as Error).message}${this.#lastWords()}`, { cause })
    }
  }

  #lastWords(): string {
    return this.output === '' ? '' : `\n${this.output}`
  }

  #alive(purpose: string): RunningChild {
    if (this.#child?.alive) return this.#child
    throw new Error(`cannot ${purpose} ${this.name}: it is stopped. restart() it first`)
  }
}

async function isAccepting({ host, port }: StartingServer): Promise<boolean> {
  return await canConnect(host, port)
}

/**
 * Starts a server and resolves when it is ready. It is stopped by `stop()`, and in any case killed
 * when this process exits.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error with the end of its output if it exits first, or is not ready in `startTimeoutMs`
 */
export async function startServer(options: ServerOptions): Promise<ChildServer> {
  checkServerOptions(options)
  const server = new ChildServer(options, options.port ?? (await freePort()))
  await server.restart()
  return server
}
