import { graceMs, now } from './clock.ts'

/** What the contract says of the order: i, i + 1 mod n, skipping those that cool (G12, G14). */
export class RingModel {
  sources: readonly string[]
  readonly #cooldownMs: number
  readonly #coolUntil = new Map<string, number>()
  /** Where the next dial begins; `anywhere` where the contract leaves it open. */
  #next: { readonly after: string } | { readonly at: string } | 'anywhere'

  constructor(sources: readonly string[], cooldownMs: number) {
    this.sources = sources
    this.#cooldownMs = cooldownMs
    this.#next = { at: sources[0] as string }
  }

  failed(provider: string, at: number): void {
    if (!this.sources.includes(provider)) return
    this.#coolUntil.set(provider, at + this.#cooldownMs)
    this.passed(provider)
  }

  passed(provider: string): void {
    this.#next = this.sources.includes(provider) ? { after: provider } : 'anywhere'
  }

  /** @param current - what is connected; nothing says where to go on if nothing is */
  replace(sources: readonly string[], current: string | undefined): void {
    const isSame = sources.join() === this.sources.join()
    this.sources = sources
    for (const provider of this.#coolUntil.keys()) {
      if (!sources.includes(provider)) this.#coolUntil.delete(provider) // forgotten; if it returns, it is new
    }
    if (isSame) return
    this.#next = current === undefined || sources.includes(current) ? 'anywhere' : { at: sources[0] as string }
  }

  /**
   * Whether `provider` is the one to dial now.
   *
   * @param among - the candidates
   * @param after - where to go on, if it is not the ring's own place
   */
  allows(provider: string, among: readonly string[], after?: string): boolean {
    if (!among.includes(provider)) return false
    const place = after === undefined ? this.#next : { after }
    if (place === 'anywhere' || ('after' in place && !this.sources.includes(place.after))) {
      return this.sources.some((_, start) => this.#isNext(provider, among, start))
    }
    const start = 'at' in place ? this.sources.indexOf(place.at) : this.sources.indexOf(place.after) + 1
    return this.#isNext(provider, among, start)
  }

  #isNext(provider: string, among: readonly string[], start: number): boolean {
    const turned = [...this.sources.slice(start), ...this.sources.slice(0, start)]
    const inOrder = turned.filter((each) => among.includes(each))
    const before = inOrder.slice(0, inOrder.indexOf(provider))
    // The model knows the moment of a failure up to the grace: within it, a provider may cool or not.
    const mayBeReady = this.#cools(provider) < graceMs && before.every((each) => this.#cools(each) > -graceMs)
    const mayAllCool = inOrder.every((each) => this.#cools(each) > -graceMs)
    const coolest = Math.min(...inOrder.map((each) => this.#cools(each)))
    return mayBeReady || (mayAllCool && this.#cools(provider) < coolest + graceMs)
  }

  /** For how long still. */
  #cools(provider: string): number {
    return (this.#coolUntil.get(provider) ?? Number.NEGATIVE_INFINITY) - now()
  }
}
