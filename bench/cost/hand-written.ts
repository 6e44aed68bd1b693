/** The loop that one would write instead: the service that worked last, and the next one where the connection is gone. */
export class HandWritten<Service> {
  at = 0
  readonly services: readonly Service[]

  constructor(services: readonly Service[]) {
    this.services = services
  }

  async run<T>(operation: (service: Service, attempt: number) => Promise<T>): Promise<T> {
    const { services } = this
    for (let attempt = 1; attempt <= services.length + 1; attempt++) {
      const at = this.at
      try {
        return await operation(services[at] as Service, attempt)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
        // Of many calls that fail together, only the first moves on.
        if (this.at === at) this.at = (at + 1) % services.length
      }
    }
    throw new Error('no service is left')
  }
}
