import type { LinkRecord } from './records.ts'
import type { RingModel } from './ring-model.ts'

/** What the contract says of `failover()`: its own dials go to each provider but the current one, in order. */
export class FailoverModel {
  /** Calls that have not settled; they share one move. */
  pending = 0
  tried: string[] = []
  /** Whether the list has changed since it began: then the contract leaves open whom it dials. */
  isNewList = false
  /** What it moves from; and what it takes without a dial. */
  #from: LinkRecord | undefined
  spare: LinkRecord | undefined

  begun(current: LinkRecord | undefined, spare: LinkRecord | undefined): void {
    this.pending++
    if (this.pending > 1 && this.#from === current) return
    this.forget()
    this.#from = current
    this.spare = current && spare
  }

  ended(): void {
    this.pending--
    this.forget()
  }

  forget(): void {
    this.tried = []
    this.isNewList = false
  }

  changed(sources: readonly string[]): void {
    this.isNewList = true
    this.tried = this.tried.filter((each) => sources.includes(each)) // one that comes back is new
  }

  /** Whether it is looking for another than `current`: who came up would be taken. */
  isMoving(current: LinkRecord | undefined): boolean {
    return this.pending > 0 && current !== undefined && this.#from === current
  }

  /** Whether it may dial `provider` beside `current`. */
  allows(provider: string, current: string | undefined, ring: RingModel): boolean {
    if (current === undefined || this.pending === 0) return false
    const untried = ring.sources.filter((each) => !this.tried.includes(each))
    const others = ring.sources.length === 1 ? untried : untried.filter((each) => each !== current)
    if (!this.isNewList) return ring.allows(provider, others, this.tried.at(-1) ?? current)
    return ring.allows(provider, others) || ring.allows(provider, untried)
  }
}
