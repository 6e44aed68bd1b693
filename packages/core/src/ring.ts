import { InvalidError } from './errors.ts'
import type { Settings } from './options.ts'
import { defaultId, isCooling, type Provider } from './provider.ts'
import { now } from './time.ts'

/** The order of the providers: who comes next, who is cooling, how many rounds have failed. Plain data, no timers. */
export class Ring<Source> {
  providers: readonly Provider<Source>[] = []
  readonly #settings: Pick<Settings, 'backoff' | 'cooldownMs'>
  readonly #id: (source: Source) => string | undefined
  #next = 0
  #numbered = 0
  /** Failures in a row in this round, and rounds in a row that failed. */
  #failures = 0
  #rounds = 0
  #isRestDue = false

  constructor(
    sources: readonly Source[],
    settings: Pick<Settings, 'backoff' | 'cooldownMs'>,
    id?: (source: Source) => string,
  ) {
    this.#settings = settings
    this.#id = id ?? defaultId
    this.replace(sources)
  }

  /**
   * Takes a new list; a provider that is still in it keeps what is known of it. Returns whether one is new: then the
   * rounds that failed say nothing any more. Throws `InvalidError`, and changes nothing, where the list is wrong.
   */
  replace(sources: readonly Source[]): boolean {
    if (!Array.isArray(sources) || sources.length === 0)
      throw new InvalidError(
        `sources must be a list of at least one source; got ${Array.isArray(sources) ? 'none' : typeof sources}`,
      )
    const ids = Array.from(sources, (source) => this.#nameOf(source))
    const twice = ids.find((id, at) => ids.indexOf(id) !== at || sources.indexOf(sources[at]) !== at)
    if (twice !== undefined) throw new InvalidError(`sources has ${twice} twice; list each provider once`)
    const known = this.providers
    this.providers = ids.map((id, at) => {
      const provider = known.find((each) => each.id === id) ?? { id, coolUntil: 0, lastError: undefined }
      return Object.assign(provider, { source: sources[at] as Source })
    })
    this.#next = Math.max(0, this.providers.indexOf(known[this.#next] as Provider<Source>))
    const isNew = this.providers.some((provider) => !known.includes(provider))
    if (isNew) this.succeeded()
    return isNew
  }

  /** The id of a source. One that shows none keeps its number for as long as it is listed. */
  #nameOf(source: Source): string {
    const known = this.providers.find((provider) => provider.source === source)
    const id = this.#id(source) ?? known?.id ?? `#${++this.#numbered}`
    if (typeof id !== 'string') throw new InvalidError(`the connector's id must return a string; got ${typeof id}`)
    return id
  }

  /** The first of the list comes next. */
  restart(): void {
    this.#next = 0
  }

  /** The one after `provider` comes next. One that is not listed any more moves nothing. */
  pass(provider: Provider<Source>): void {
    const at = this.providers.indexOf(provider)
    if (at >= 0) this.#next = (at + 1) % this.providers.length
  }

  /** Whom to dial: the next (or the one after `after`) that is not cooling, or the one that cools first if all are. */
  pick(among: readonly Provider<Source>[] = this.providers, after?: Provider<Source>): Provider<Source> {
    const start = after ? this.providers.indexOf(after) + 1 : this.#next
    const inOrder = [...this.providers.slice(start), ...this.providers].filter((each) => among.includes(each))
    const coolest = (a: Provider<Source>, b: Provider<Source>) => (b.coolUntil < a.coolUntil ? b : a)
    return inOrder.find((each) => !isCooling(each)) ?? inOrder.reduce(coolest)
  }

  /** `provider` failed: it cools, and the one after it comes next. */
  failed(provider: Provider<Source>, error: unknown): void {
    this.cool(provider, error)
    this.pass(provider)
  }

  /** `provider` failed, but not as the one whose turn it was. */
  cool(provider: Provider<Source>, error: unknown): void {
    provider.lastError = error
    const { cooldownMs } = this.#settings
    if (cooldownMs < Number.POSITIVE_INFINITY) provider.coolUntil = now() + cooldownMs
  }

  /** Counts a failure in a row. As many as there are providers make a round, after which a rest is due. */
  count(): void {
    if (++this.#failures < this.providers.length) return
    this.#failures = 0
    this.#rounds++
    this.#isRestDue = true
  }

  /** A run succeeded: nothing has failed in a row. */
  succeeded(provider?: Provider<Source>): void {
    if (provider) provider.lastError = undefined
    this.#failures = this.#rounds = 0
    this.#isRestDue = false
  }

  /** How long the next dial must wait, told once a round; else undefined. */
  takeRest(): number | undefined {
    if (!this.#isRestDue) return undefined
    this.#isRestDue = false
    return this.restMs(this.#rounds)
  }

  /** How long to wait after so many rounds that failed. */
  restMs(rounds: number): number {
    const { initialMs, maxMs } = this.#settings.backoff
    const longestMs = Math.min(maxMs, initialMs * 2 ** (rounds - 1), 2 ** 31 - 1)
    return initialMs === Number.POSITIVE_INFINITY ? 0 : Math.random() * longestMs
  }
}
