import { connect, type NetConnectOpts } from 'node:net'
import { text } from 'node:stream/consumers'
import { checkLine } from '../bad-input.ts'
import type { CommandLine } from '../install/tied.ts'
import { ChildServer } from '../process/child-server.ts'
import type { TempFolder } from '../process/temp-folder.ts'

/** Everything one server is made of. */
export interface HAProxyParts {
  name: string
  port: number
  program: CommandLine
  folder: TempFolder
  /** Of its `stats socket`; undefined if it has none. */
  socket: NetConnectOpts | undefined
  startTimeoutMs: number
}

/** How long an answer on the `stats socket` may take, in milliseconds. */
const ANSWER_MS = 30_000

/** A real HAProxy, in the foreground. */
export class HAProxyServer extends ChildServer {
  readonly #folder: TempFolder
  readonly #socket: HAProxyParts['socket']

  constructor({ name, port, program: { command, args }, folder, socket, startTimeoutMs }: HAProxyParts) {
    super({ name, command, args, cwd: folder.path, startTimeoutMs }, port)
    this.#folder = folder
    this.#socket = socket
  }

  /** The folder of its own, with its `haproxy.cfg`. */
  get folder(): string {
    return this.#folder.path
  }

  /**
   * Sends one command to its `stats socket`, such as `show stat`, and resolves to the whole answer.
   *
   * @throws Error if its configuration has no `stats socket`, or nobody answers
   */
  async admin(command: string): Promise<string> {
    checkLine('command', command)
    if (this.#socket === undefined) throw new Error(`${this.name} has no 'stats socket' in its configuration`)
    const socket = connect(this.#socket)
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer to '${command}' in ${ANSWER_MS} ms`)))
    socket.write(`${command}\n`)
    return await text(socket)
  }

  /** Stops it and removes its folder. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder.remove()
  }
}
