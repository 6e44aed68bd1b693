import { now } from './clock.ts'

/**
 * What the contract says of rounds: as many failures in a row as there are providers are one, and a rest follows it.
 * Where nobody can tell whether something counted, both are possible.
 */
export class RoundsModel {
  /** Whether the next service has to wait for the rest; `maybe` also where it may have rested already. */
  rest: 'none' | 'maybe' | 'due' = 'none'
  /** Since when. */
  at = 0
  /** How many have failed in a row, as far as can be told. */
  #counts: ReadonlySet<number> = new Set([0])

  /** @param size - of a round */
  failed(size: number, isCertain: boolean): void {
    const before = [...this.#counts]
    const counts = before.map((count) => (count + 1 < size ? count + 1 : 0))
    const rounds = before.filter((count) => count + 1 >= size).length
    this.#counts = new Set(isCertain ? counts : [...before, ...counts])
    if (rounds === 0) return
    this.at = now()
    this.rest = isCertain && rounds === before.length ? 'due' : 'maybe'
  }

  succeeded(isCertain: boolean): void {
    this.#counts = new Set(isCertain ? [0] : [0, ...this.#counts])
    this.rest = isCertain || this.rest === 'none' ? 'none' : 'maybe'
  }

  /** The list is another: the contract does not say what becomes of its rounds. */
  unknown(size: number): void {
    this.#counts = new Set(Array.from({ length: size }, (_, count) => count))
    if (this.rest === 'due') this.rest = 'maybe'
  }

  /** Something is current or dialled to become it: whatever rest was due is over. */
  over(isCertain = true): void {
    this.rest = isCertain || this.rest === 'none' ? 'none' : 'maybe'
  }

  /** Whether a round has ended in this very turn: then not even a spare that is up may be used in it. */
  get isJustDue(): boolean {
    return this.rest === 'due' && this.at === now()
  }
}
