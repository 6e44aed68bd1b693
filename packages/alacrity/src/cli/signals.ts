/** What signals ask for. */
export interface Obeys {
  reload(): void
  /** `isUrgent`: it was asked for again. */
  stop(isUrgent: boolean): void
}

/**
 * The signals of this process. They are taken from the beginning on: one that comes while the balancer starts is kept,
 * instead of ending the process as it would by itself.
 */
export class Signals {
  #obeys: Obeys | undefined
  readonly #early: ((obeys: Obeys) => void)[] = []
  #stops = 0

  constructor() {
    process.on('SIGHUP', () => this.#came((obeys) => obeys.reload()))
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
      process.on(signal, () => this.#came((obeys) => obeys.stop(this.#stops++ > 0)))
    }
  }

  obeyedBy(obeys: Obeys): void {
    this.#obeys = obeys
    for (const signal of this.#early.splice(0)) signal(obeys)
  }

  #came(signal: (obeys: Obeys) => void): void {
    if (this.#obeys) signal(this.#obeys)
    else this.#early.push(signal)
  }
}
