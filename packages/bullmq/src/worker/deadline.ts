/** A time that can only be made to come sooner. */
export class Deadline {
  /** Resolves when it has come. */
  readonly passed: Promise<void>
  #at = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #pass!: () => void

  constructor(ms: number) {
    this.passed = new Promise((resolve) => {
      this.#pass = resolve
    })
    this.shorten(ms)
  }

  /** It comes after so many milliseconds at the latest; `Infinity` changes nothing. */
  shorten(ms: number): void {
    const at = performance.now() + ms
    if (at >= this.#at) return
    this.#at = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#pass, Math.min(ms, 2 ** 31 - 1))
  }

  get leftMs(): number {
    return Math.max(0, this.#at - performance.now())
  }

  /** Whether the work has succeeded before it. What it throws is nobody's here. */
  async isKeptBy(work: Promise<unknown>): Promise<boolean> {
    const isDone = work.then(
      () => true,
      () => false,
    )
    return await Promise.race([isDone, this.passed.then(() => false)])
  }

  /** It need not come any more. */
  end(): void {
    clearTimeout(this.#timer)
  }
}
