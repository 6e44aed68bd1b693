import { connect, type Socket } from 'node:net'
import { connect as startTls } from 'node:tls'
import { reset } from '../engine/reset.ts'
import type { CheckTarget } from './contract.ts'
import type { Patience } from './patience.ts'

/** As much of an answer as is looked at: HAProxy's `tune.bufsize`. */
const answerLimit = 16_384

/** One connection of a check: what has come, and whether more will. */
export class Talk {
  #socket: Socket
  readonly #raw: Socket
  readonly #patience: Patience
  #bytes: Buffer = Buffer.alloc(0)
  #isOver = false
  #isConnected = false
  #error: NodeJS.ErrnoException | undefined

  constructor(target: CheckTarget, patience: Patience) {
    this.#patience = patience
    this.#raw = connect({ ...target, noDelay: true, allowHalfOpen: true })
    this.#socket = this.#raw
    this.#raw.once('connect', () => this.#connected())
    this.#raw.on('error', (error) => this.#failed(error))
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** What has come since it was last forgotten; never more than `answerLimit`. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Nothing more will come, or nothing more is looked at. */
  get isOver(): boolean {
    return this.#isOver || this.#error !== undefined || this.#bytes.length === answerLimit
  }

  get error(): NodeJS.ErrnoException | undefined {
    return this.#error
  }

  get addresses(): { readonly from: string; readonly fromPort: number; readonly to: string; readonly toPort: number } {
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = this.#raw
    return { from: localAddress, fromPort: localPort, to: remoteAddress, toPort: remotePort }
  }

  /** Goes on inside TLS; connected again once the handshake is done. Who the server is does not matter. */
  secure(servername?: string): void {
    this.#isConnected = false
    if (this.#error !== undefined) return
    const secure = startTls({ socket: this.#raw, rejectUnauthorized: false, ...(servername && { servername }) })
    secure.once('secureConnect', () => this.#connected())
    secure.on('error', (error) => this.#failed(error))
    this.#socket = secure
  }

  /** Begins to listen to what comes. Not before: the bytes of a TLS handshake are not for us. */
  listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(0, answerLimit)
      this.#patience.wake()
    })
    this.#socket.once('end', () => this.#over())
    this.#socket.once('close', () => this.#over())
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  forget(): void {
    this.#bytes = Buffer.alloc(0)
  }

  /** With a FIN where the protocol said goodbye; else with an RST, which leaves nothing behind at either end. */
  close(politely: boolean): void {
    // Never below TLS: to reset the socket that TLS holds brings the process down (Node 20).
    if (!politely && this.#socket === this.#raw) {
      reset(this.#raw)
      return
    }
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #connected(): void {
    this.#isConnected = true
    this.#patience.wake()
  }

  #over(): void {
    this.#isOver = true
    this.#patience.wake()
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#error ??= error
    // Nobody there is ECONNREFUSED; who resets has accepted before, and it went too fast for us to see.
    if (error.code === 'ECONNRESET' && this.#socket === this.#raw) this.#isConnected = true
    this.#patience.wake()
  }
}
