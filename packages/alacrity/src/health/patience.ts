/** How long a check waits, and what wakes it when something has happened. */
export class Patience {
  #timer: NodeJS.Timeout | undefined
  #isLate = false
  #wake: (() => void) | undefined
  readonly #signal: AbortSignal
  readonly #onAbort = (): void => this.wake()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort)
  }

  /** Why there is no more waiting; not set while there is. */
  get end(): 'late' | 'aborted' | undefined {
    if (this.#signal.aborted) return 'aborted'
    return this.#isLate ? 'late' : undefined
  }

  /** From now on it is this long. */
  limit(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.wake()
    }, ms)
  }

  /** Resolves once something has happened, whatever it is: look what. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  wake(): void {
    this.#wake?.()
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
