import { graceMs, now } from './clock.ts'

/** What the contract says of the order: i, i + 1 mod n, skipping those that cool (G12, G14). */
export class RingModel {
  sources: readonly string[]
  readonly #cooldownMs: number
  readonly #coolUntil = new Map<string, number>()
  /** Where the next dial begins; `anywhere` where the contract leaves it open. */
  #next: { readonly after: string } | { readonly at: string } | 'anywhere'
  /** When a dial beside another, or beside the current service, failed last. */
  #besideAt = -1

  constructor(sources: readonly string[], cooldownMs: number) {
    this.sources = sources
    this.#cooldownMs = cooldownMs
    this.#next = { at: sources[0] as string }
  }

  failed(provider: string, at: number): void {
    if (!this.sources.includes(provider)) return
    this.#cool(provider, at)
    this.passed(provider)
  }

  /** It failed, but not as the one that all wait for. */
  failedBeside(provider: string, at: number): void {
    this.#besideAt = now()
    this.#cool(provider, at)
  }

  #cool(provider: string, at: number): void {
    const cools = this.#cooldownMs > 0 && this.sources.includes(provider)
    if (cools) this.#coolUntil.set(provider, at + this.#cooldownMs)
  }

  passed(provider: string): void {
    // If the two fail in one moment, nobody can tell which was the last.
    const isLast = this.#besideAt !== now() && this.sources.includes(provider)
    this.#next = isLast ? { after: provider } : 'anywhere'
  }

  /** @param current - what is connected; nothing says where to go on if nothing is */
  replace(sources: readonly string[], current: string | undefined): void {
    const isSame = sources.join() === this.sources.join()
    this.sources = sources
    for (const provider of this.#coolUntil.keys()) {
      if (!sources.includes(provider)) this.#coolUntil.delete(provider) // forgotten; if it returns, it is new
    }
    if (isSame) return
    const isRemoved = current !== undefined && !sources.includes(current)
    this.#next = isRemoved && this.#besideAt !== now() ? { at: sources[0] as string } : 'anywhere'
  }

  /**
   * Whether `provider` is the one to dial now.
   *
   * @param among - the candidates
   * @param after - where to go on, if it is not the ring's own place
   */
  allows(provider: string, among: readonly string[], after?: string): boolean {
    return this.#starts(after).some((start) => {
      const inOrder = this.#inOrder(among, start)
      const mayAllCool = inOrder.every((each) => this.#cools(each) > -graceMs)
      const coolest = Math.min(...inOrder.map((each) => this.#cools(each)))
      const isCoolest = inOrder.includes(provider) && this.#cools(provider) < coolest + graceMs
      return this.#isReady(provider, inOrder) || (mayAllCool && isCoolest)
    })
  }

  /** The same for a dial that nobody needs so much that it may be to a provider that cools. */
  allowsReady(provider: string, among: readonly string[], after: string): boolean {
    return this.#starts(after).some((start) => this.#isReady(provider, this.#inOrder(among, start)))
  }

  /** When it has cooled off: long ago, if it never failed. */
  coolUntil(provider: string): number {
    return this.#coolUntil.get(provider) ?? Number.NEGATIVE_INFINITY
  }

  /** Where the order may begin. */
  #starts(after: string | undefined): number[] {
    const place = after === undefined ? this.#next : { after }
    if (place === 'anywhere' || ('after' in place && !this.sources.includes(place.after))) {
      return this.sources.map((_, start) => start)
    }
    return ['at' in place ? this.sources.indexOf(place.at) : this.sources.indexOf(place.after) + 1]
  }

  #inOrder(among: readonly string[], start: number): string[] {
    const turned = [...this.sources.slice(start), ...this.sources.slice(0, start)]
    return turned.filter((each) => among.includes(each))
  }

  /** Whether it may be the first that does not cool. */
  #isReady(provider: string, inOrder: readonly string[]): boolean {
    if (!inOrder.includes(provider)) return false
    const before = inOrder.slice(0, inOrder.indexOf(provider))
    // The model knows the moment of a failure up to the grace: within it, a provider may cool or not.
    return this.#cools(provider) < graceMs && before.every((each) => this.#cools(each) > -graceMs)
  }

  /** For how long still. */
  #cools(provider: string): number {
    return this.coolUntil(provider) - now()
  }
}
