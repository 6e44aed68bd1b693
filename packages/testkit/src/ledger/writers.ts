import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Told } from './account.ts'

/** Many writers at once, each writing one id after the other, and what they were told. */
export class Writers {
  readonly told = new Map<string, Told>()
  /** The first errors that said no outcome. */
  readonly untold: unknown[] = []
  acknowledged = 0
  readonly #write: (id: string) => Promise<unknown>
  #isOver = false
  #writing: Promise<unknown> | undefined

  constructor(write: (id: string) => Promise<unknown>) {
    this.#write = write
  }

  start(count: number): void {
    this.#writing = Promise.all(Array.from({ length: count }, (_, index) => this.#writeOn(`w${index}`)))
  }

  /** Lets each finish what it is at; resolves once all have. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#writing
  }

  async #writeOn(name: string): Promise<void> {
    for (let count = 1; !this.#isOver; count++) {
      const id = `${name}-${count}`
      this.told.set(id, 'pending')
      this.told.set(id, await this.#attempt(id))
      // A service that answers without asking its server would leave nobody else a turn.
      if (count % 100 === 0) await nextTurn()
    }
  }

  async #attempt(id: string): Promise<Told> {
    try {
      await this.#write(id)
      this.acknowledged++
      return 'acknowledged'
    } catch (error) {
      const { outcome } = (error ?? {}) as { outcome?: unknown }
      if (outcome === 'not-applied' || outcome === 'unknown') return outcome
      if (this.untold.length < 3) this.untold.push(error)
      return 'untold'
    }
  }
}
