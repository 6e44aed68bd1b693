import type { Socket } from 'node:net'
import { hardReset } from './hard-reset.ts'

/** A connection that was accepted, and is never answered or handed on. */
export class MutedConnection {
  readonly #client: Socket
  readonly #closed: Promise<void>

  constructor(client: Socket) {
    this.#client = client
    this.#closed = new Promise((resolve) => client.once('close', () => resolve()))
    client.on('error', () => {}) // a client that leaves without a proper end
    client.once('end', () => client.destroy()).resume()
  }

  closed(): Promise<void> {
    return this.#closed
  }

  faultChanged(): void {}

  reset(): void {
    hardReset(this.#client)
  }
}
