import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkLine, checkPort } from '../bad-input.ts'
import { ChildServer } from '../process/child-server.ts'
import { freePort } from '../process/free-port.ts'
import { TempFolder } from '../process/temp-folder.ts'
import { program } from '../program.ts'
import { LineClient } from './line-client.ts'

const PROGRAM = program('line-server.mjs')

export interface LineServerOptions {
  /** Said in its greeting and in reply to WHO. One line. Default `line-server`. */
  name?: string
  /** Default: a free one. */
  port?: number
  /** The file the executed ids are added to. Default: one of its own, removed on dispose. */
  ledger?: string
}

/** A server in a process of its own that keeps a ledger of what it executed. */
export class LineServer extends ChildServer {
  readonly #ledger: string
  readonly #folder: TempFolder | undefined

  constructor(name: string, port: number, ledger: string | undefined) {
    const folder = ledger === undefined ? new TempFolder('tourniquet-ledger') : undefined
    const file = ledger ?? join(folder?.path ?? '', 'ledger')
    super({ name, command: process.execPath, args: [PROGRAM, name, String(port), file] }, port)
    this.#ledger = file
    this.#folder = folder
  }

  /** The ids of all operations executed so far, in their order, before and after any restart. */
  async ledger(): Promise<string[]> {
    return (await readFile(this.#ledger, 'utf8')).split('\n').slice(0, -1)
  }

  /**
   * From now on it refuses to write (`ERR READONLY`), and serves all else; no connection is dropped. It is a primary again
   * after `promote()` or a restart.
   *
   * @throws Error if it does not answer: it is stopped
   */
  async demote(): Promise<void> {
    await this.#tell('DEMOTE')
  }

  /**
   * It writes again.
   *
   * @throws Error if it does not answer: it is stopped
   */
  async promote(): Promise<void> {
    await this.#tell('PROMOTE')
  }

  /** Stops it and removes the ledger, unless that is the caller's own file. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder?.remove()
  }

  async #tell(command: string): Promise<void> {
    const client = await LineClient.connect(this)
    try {
      await client.request(command)
    } finally {
      await client.close()
    }
  }
}

/**
 * Starts a line server and resolves when it accepts connections. Its protocol: see `LineClient`.
 *
 * @throws TypeError if an option is not what it must be
 * @throws Error as `startServer` does
 */
export async function startLineServer(options: LineServerOptions = {}): Promise<LineServer> {
  const { name = 'line-server', port, ledger } = options
  checkLine('name', name)
  if (port !== undefined) checkPort('port', port)
  if (ledger !== undefined) checkLine('ledger', ledger)
  const server = new LineServer(name, port ?? (await freePort()), ledger)
  try {
    await server.restart()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}
