/**
 * Starts what had to wait for a provider a hundred at a time, once per turn of the event loop: then the first requests
 * leave while the next ones are still being made, which is quicker to the last than all at once.
 */
export class Pacer {
  #queue: (() => void)[] = []
  readonly #perTurn = 100

  add(start: () => void): void {
    this.#queue.push(start)
    if (this.#queue.length === 1) setImmediate(() => this.#turn())
  }

  #turn(): void {
    const now = this.#queue.slice(0, this.#perTurn)
    for (const start of now) start()
    this.#queue = this.#queue.slice(now.length)
    if (this.#queue.length > 0) setImmediate(() => this.#turn())
  }
}
