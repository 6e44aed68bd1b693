import type { RoundRobin } from '@tourniquet/core'

/** What `npm start -- name` shows: some providers of one kind, and what can be done to them. */
export interface Scenario {
  readonly name: string
  /** One line, for `--help` and the first line of the show. */
  readonly description: string
  /** Starts the providers and builds the `RoundRobin`; leaves nothing behind if it rejects. */
  start(): Promise<Stage>
}

/** A scenario that has been started. */
export interface Stage {
  /** The ids of the providers, in the order of the ring: `A`, `B`, `C`. */
  readonly providers: readonly string[]
  /** Its connector's `id` must give the names above. */
  readonly roundRobin: Pick<RoundRobin<unknown, unknown>, 'providers' | 'on' | 'failover' | 'close'>
  /** What the script does to the current provider, in this order. The first is also done to all of them at once. */
  readonly faults: readonly Fault[]
  /** G8: how soon a call must succeed once a first provider is back after all were down. */
  readonly healsWithinMs: number
  /**
   * Makes one call: one run that executes `id` once, on whichever provider is current. Rejects with the run's own error.
   *
   * @param onAttempt - to be told of each provider that `id` is about to be sent to
   */
  call(id: string, idempotent: boolean, onAttempt: (provider: string) => void): Promise<void>
  /** The ids that a provider has executed, twice if it did so twice. Works also while it is down. */
  executed(provider: string): Promise<readonly string[]>
  /** How many connections are open to the providers. */
  connections(): number
  /** Stops the providers, in whatever state they are. */
  stop(): Promise<void>
}

/** A promise about time. */
export interface Limit {
  /** Its id in `guarantees.md`: `G9`. */
  readonly promise: string
  /** What it says, before the time: `left within`. */
  readonly what: string
  readonly ms: number
}

/** Something that can be done to a provider, and undone. */
export interface Fault {
  /** A verb: `kill`. */
  readonly name: string
  /** What the provider is meanwhile: `killed`. */
  readonly state: string
  /** One letter for the picture of the run: `K`. */
  readonly mark: string
  /** What it means, for a newcomer. */
  readonly meaning: string
  /** How it is undone, and what that means. */
  readonly undone: string
  /** The promise how soon the provider is left, where there is one beyond "at once". */
  readonly limit?: Limit
  strike(provider: string): Promise<void>
  lift(provider: string): Promise<void>
}
