/**
 * The loop that one would write instead: it connects when that is needed, once for all who call meanwhile, and goes on with
 * the next source where the connection is gone. It notes no attempts, tells nobody, and disconnects nothing.
 */
export class HandWritten<Source, Service> {
  readonly #sources: readonly Source[]
  readonly #connect: (source: Source) => Service | Promise<Service>
  #at = 0
  #service: Promise<Service> | undefined

  constructor(sources: readonly Source[], connect: (source: Source) => Service | Promise<Service>) {
    this.#sources = sources
    this.#connect = connect
  }

  async run<T>(operation: (service: Service, attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= this.#sources.length + 1; attempt++) {
      this.#service ??= Promise.resolve(this.#connect(this.#sources[this.#at] as Source))
      const connecting = this.#service
      try {
        return await operation(await connecting, attempt)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
        // Of many calls that fail together, only the first moves on.
        if (this.#service !== connecting) continue
        this.#service = undefined
        this.#at = (this.#at + 1) % this.#sources.length
      }
    }
    throw new Error('no service is left')
  }
}
