import { checkAddress } from '../bad-input.ts'
import type { CommandLine } from '../install/tied.ts'
import { ChildServer } from '../process/child-server.ts'
import type { Address } from '../process/server-options.ts'
import type { TempFolder } from '../process/temp-folder.ts'
import { waitFor } from '../wait-for.ts'

/** A replica refuses writes with READONLY. */
export type RedisRole = 'primary' | 'replica'

/** Everything one server is made of. */
export interface RedisParts {
  name: string
  port: number
  program: CommandLine
  cli: (...words: string[]) => Promise<string>
  folder: TempFolder
  startTimeoutMs: number
}

/** A real Redis. Unless its `args` say otherwise it writes nothing to disk: after a restart it is empty. */
export class RedisServer extends ChildServer {
  readonly #cli: RedisParts['cli']
  readonly #folder: TempFolder
  readonly #following: { primary?: Address }

  constructor({ name, port, program, cli, folder, startTimeoutMs }: RedisParts) {
    const following: { primary?: Address } = {} // looked at each time it starts
    const args = (): string[] => [...program.args, ...replicaOf(following.primary)]
    const ready = async (): Promise<boolean> => (await cli('PING')) === 'PONG'
    super({ name, command: program.command, args, cwd: folder.path, ready, startTimeoutMs }, port)
    this.#cli = cli
    this.#folder = folder
    this.#following = following
  }

  /** `redis://127.0.0.1:PORT` */
  override get url(): string {
    return `redis://${this.host}:${this.port}`
  }

  /**
   * Runs one command through `redis-cli` and resolves to its reply as text: the elements of an array one a line, nil as
   * nothing.
   *
   * @throws Error with the server's own words if it refuses, or cannot be reached
   */
  async command(...words: string[]): Promise<string> {
    return await this.#cli(...words)
  }

  async role(): Promise<RedisRole> {
    return (await this.command('ROLE')).startsWith('master') ? 'primary' : 'replica'
  }

  /**
   * Makes it a replica of another server, which may be behind a fault proxy. Resolves once its data are the primary's.
   * It stays one through restarts. No client is disconnected: their writes are refused from now on.
   *
   * @throws TypeError if `primary` has no host and port
   * @throws Error if the two are not in sync after 30 s
   */
  async replicate(primary: Address): Promise<void> {
    checkAddress('primary', primary)
    const { host, port } = primary
    await this.command('REPLICAOF', host, String(port))
    this.#following.primary = { host, port }
    const isInSync = async (): Promise<boolean> =>
      (await this.command('INFO', 'replication')).includes('master_link_status:up')
    await waitFor(isInSync, { what: `${this.name} to be in sync with its primary`, timeoutMs: 30_000 })
  }

  /** Makes it a primary, with the data it has; at once if it is one. */
  async promote(): Promise<void> {
    await this.command('REPLICAOF', 'NO', 'ONE')
    delete this.#following.primary
    const isPrimary = async (): Promise<boolean> => (await this.role()) === 'primary'
    await waitFor(isPrimary, { what: `${this.name} to be a primary`, timeoutMs: 30_000 })
  }

  /** Stops it and removes its folder. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder.remove()
  }
}

function replicaOf(primary: Address | undefined): string[] {
  return primary === undefined ? [] : ['--replicaof', primary.host, String(primary.port)]
}
