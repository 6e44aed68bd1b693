import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../bad-input.ts'
import { ChildServer } from '../process/child-server.ts'
import { freePort } from '../process/free-port.ts'
import { orDispose } from '../process/or-dispose.ts'
import { TempFolder } from '../process/temp-folder.ts'
import { program } from '../program.ts'
import { waitFor } from '../wait-for.ts'
import { checkGrpcOptions, type GrpcServerOptions } from './grpc-options.ts'

const PROGRAM = program('grpc-server.mjs')

/** A gRPC server in a process of its own that keeps a ledger of what it executed. It serves `providerService`. */
export class GrpcServer extends ChildServer {
  readonly #folder: TempFolder
  readonly #ledger: string
  readonly #notServing: string

  constructor(options: GrpcServerOptions, port: number) {
    const { name = 'grpc-server', tls = null } = options
    const folder = new TempFolder('tourniquet-grpc')
    const { ledger = join(folder.path, 'ledger') } = options
    const notServing = join(folder.path, 'not-serving')
    const args = [PROGRAM, JSON.stringify({ name, port, ledger, notServing, tls })]
    super({ name, command: process.execPath, args, stopSignal: 'SIGINT' }, port)
    this.#folder = folder
    this.#ledger = ledger
    this.#notServing = notServing
  }

  /** What a gRPC client dials: `127.0.0.1:PORT` */
  get target(): string {
    return `${this.host}:${this.port}`
  }

  /** The ids of all operations executed so far, in their order, before and after any restart. */
  async ledger(): Promise<string[]> {
    return (await readFile(this.#ledger, 'utf8')).split('\n').slice(0, -1)
  }

  /** What its health check says from now on, also after a restart; at first it serves. Calls are answered as before. */
  async setServing(serving: boolean): Promise<void> {
    if (typeof serving !== 'boolean') throw badInput('serving', 'true or false', serving)
    if (serving) await rm(this.#notServing, { force: true })
    else await writeFile(this.#notServing, '')
  }

  /**
   * Ends in good order: tells its clients to go elsewhere (GOAWAY), takes no new call, finishes those under way. Resolves
   * when it has ended; at once if it is not there. `stop()` cuts them off.
   *
   * @throws Error if it has not ended after 10 s: some call does not end, or it is frozen
   */
  async shutdown(): Promise<void> {
    if (this.pid === undefined) return
    process.kill(this.pid, 'SIGTERM')
    await waitFor(() => this.state === 'stopped', { what: `${this.name} to finish its calls` })
  }

  /** Stops it and removes the ledger, unless that is the caller's own file. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder.remove()
  }
}

/**
 * Starts a gRPC server and resolves when it accepts connections.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error as `startServer` does; if `@grpc/grpc-js` is not installed, it says how to do that
 */
export async function startGrpcServer(options: GrpcServerOptions = {}): Promise<GrpcServer> {
  checkGrpcOptions(options)
  const server = new GrpcServer(options, options.port ?? (await freePort()))
  await orDispose(server, () => server.restart())
  return server
}
