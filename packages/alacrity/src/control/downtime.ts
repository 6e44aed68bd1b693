/** How often something went down, and how long it has been. */
export class Downtime {
  downs = 0
  #totalMs = 0
  #since: number | undefined

  get isDown(): boolean {
    return this.#since !== undefined
  }

  get ms(): number {
    return this.#totalMs + (this.#since === undefined ? 0 : Date.now() - this.#since)
  }

  /** `counts`: it was up before; what never was has not gone down. */
  begin(counts: boolean): void {
    if (counts) this.downs++
    this.#since = Date.now()
  }

  end(): void {
    this.#totalMs = this.ms
    this.#since = undefined
  }
}
