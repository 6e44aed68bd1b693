/** A service in this process, so that its calls fail and succeed in no time. */
export class MemoryService {
  #rejects: ((error: unknown) => void)[] = []
  #isUsed = false

  get(): Promise<number> {
    return Promise.resolve(7)
  }

  /** In flight until the service dies. */
  hold(): Promise<number> {
    return new Promise((_resolve, reject) => this.#rejects.push(reject))
  }

  /** Rejects what is in flight, all with the one error that the socket gave. It can be used again at once. */
  die(): void {
    const error = reset()
    const rejects = this.#rejects
    this.#rejects = []
    for (const reject of rejects) reject(error)
  }

  /** Succeeds once, then is gone; then, as if it had come back, it succeeds again. */
  getOnce(): Promise<number> {
    this.#isUsed = !this.#isUsed
    return this.#isUsed ? Promise.resolve(7) : Promise.reject(reset())
  }
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}
