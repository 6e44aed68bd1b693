import type { RingModel } from './ring-model.ts'

/** What the contract says of `failover()`: its own dials go to each provider but the current one, in order. */
export class FailoverModel {
  /** Calls that have not settled; they share one move. */
  pending = 0
  tried: string[] = []
  /** Whether the list has changed since it began: then its order is open. */
  isNewList = false

  ended(): void {
    this.pending--
    this.forget()
  }

  forget(): void {
    this.tried = []
    this.isNewList = false
  }

  /** Whether it may dial `provider` beside `current`. */
  allows(provider: string, current: string | undefined, ring: RingModel): boolean {
    if (current === undefined || this.pending === 0) return false
    const others = ring.sources.filter((each) => each !== current || ring.sources.length === 1)
    const untried = others.filter((each) => !this.tried.includes(each))
    return ring.allows(provider, untried, this.isNewList ? undefined : (this.tried.at(-1) ?? current))
  }
}
