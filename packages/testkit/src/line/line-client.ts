import { connect, type Socket } from 'node:net'
import { checkLine, checkPort } from '../bad-input.ts'
import { codedError, LineError, NOT_SENT } from './line-error.ts'
import { LineSplitter } from './line-splitter.ts'

export interface LineClientOptions {
  /** Default `127.0.0.1`. */
  host?: string
  port: number
  /** Gives up connecting; without effect once connected. */
  signal?: AbortSignal
  /** See the member of the same name. */
  onLost?: (error: Error) => void
}

interface Deferred {
  resolve: (value: string) => void
  reject: (error: unknown) => void
}

const GREETING = 0

/** A connection to a line server. */
export class LineClient {
  /** Called once if the connection dies by itself: neither by `close()` nor before it was greeted. */
  onLost: ((error: Error) => void) | undefined
  #greeting = ''
  #down = false
  #seq = GREETING
  readonly #socket: Socket
  readonly #pending = new Map<number, Deferred>()
  readonly #lines = new LineSplitter()
  readonly #closed: Promise<void>

  /**
   * Connects, and resolves after the server's greeting.
   *
   * @throws the socket's error, or one with the code `ECONNRESET` if the server ends the connection
   * @throws the signal's reason, once that aborts
   */
  static async connect(options: LineClientOptions): Promise<LineClient> {
    const { port, signal } = options
    checkPort('port', port)
    signal?.throwIfAborted()
    const client = new LineClient(options)
    await client.#reply(GREETING, signal, () => client.#die(signal?.reason))
    return client
  }

  private constructor({ host = '127.0.0.1', port, onLost }: LineClientOptions) {
    this.onLost = onLost
    this.#socket = connect({ host, port, noDelay: true })
    this.#closed = new Promise((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.#socket.on('error', (error) => this.#lose(error))
    this.#socket.on('end', () => this.#lose(codedError('ECONNRESET', 'the line server ended the connection')))
  }

  /** The server's first line, `HELLO name`. */
  get greeting(): string {
    return this.#greeting
  }

  /** How many requests wait for their reply. */
  get pending(): number {
    return this.#pending.size
  }

  /**
   * Sends `VERB [text]` and resolves to the reply's value. Any number may be under way at once.
   *
   * @throws LineError if the server replies with ERR
   * @throws the signal's reason once that aborts; a reply that comes later is dropped
   * @throws Error with the socket error's code if the connection is lost (`ECONNRESET` on a plain
   *   end), `ECONNABORTED` if `close()` is called meanwhile, `ERR_LINE_NOT_SENT` if it was down
   *   before: then nothing was written
   */
  async request(command: string, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
    checkLine('command', command)
    signal?.throwIfAborted()
    if (this.#down) throw codedError(NOT_SENT, `the connection is closed: "${command}" was not sent`)
    const seq = ++this.#seq
    const reply = this.#reply(seq, signal, () => this.#settle(seq)?.reject(signal?.reason))
    this.#socket.write(`${seq} ${command}\n`)
    return await reply
  }

  /** Closes the connection and rejects what is pending; resolves when the socket is closed. */
  async close(): Promise<void> {
    this.#die(codedError('ECONNABORTED', 'the line client was closed'))
    await this.#closed
  }

  async #reply(seq: number, signal: AbortSignal | undefined, aborted: () => void): Promise<string> {
    signal?.addEventListener('abort', aborted)
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(seq, { resolve, reject })
      })
    } finally {
      signal?.removeEventListener('abort', aborted)
    }
  }

  #read(text: string): void {
    for (const line of this.#lines.push(text)) {
      if (this.#greeting === '') this.#beGreeted(line)
      else this.#take(line)
    }
  }

  #beGreeted(line: string): void {
    if (line.startsWith('HELLO ')) {
      this.#greeting = line
      this.#settle(GREETING)?.resolve(line)
    } else this.#die(new Error(`not a line server: it greets with "${line}"`))
  }

  #take(line: string): void {
    const [, seq, status, text = ''] = /^(\d+) (OK|ERR) ?(.*)$/.exec(line) ?? []
    const request = this.#settle(Number(seq))
    if (status === 'OK') request?.resolve(text)
    else request?.reject(new LineError(text))
  }

  #settle(seq: number): Deferred | undefined {
    const request = this.#pending.get(seq)
    this.#pending.delete(seq)
    return request
  }

  #die(error: unknown): void {
    this.#down = true
    this.#socket.destroy()
    for (const seq of [...this.#pending.keys()]) this.#settle(seq)?.reject(error)
  }

  #lose(error: Error): void {
    if (this.#down) return
    this.#die(error)
    if (this.#greeting !== '') this.onLost?.(error)
  }
}
