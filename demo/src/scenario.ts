import type { RoundRobin } from '@tourniquet/core'
import type { Ending } from './ending.ts'
import type { Timeline } from './timeline/timeline.ts'

/** What `npm start -- name` shows: some providers of one kind, and what can be done to them. */
export interface Scenario {
  readonly name: string
  /** One line, for `--help` and the first line of the show. */
  readonly description: string
  /** What is special about it, for those who watch: lines of up to 79 columns. */
  readonly introduction: readonly string[]
  /** Starts the providers and builds the sides; leaves nothing behind if it rejects. */
  start(): Promise<Stage>
}

/** One that is about something else than failover, and so has a load, a script and an end of its own. */
export interface OwnScript extends Omit<Scenario, 'start'> {
  /** What it is about, for the first line of the show. */
  readonly title: string
  /** Plays it, and leaves nothing behind; undefined if it was ended before anything was up. */
  play(seconds: number, timeline: Timeline, signal: AbortSignal): Promise<Ending | undefined>
}

/** A scenario that has been started. */
export interface Stage {
  /** The ids of the providers, in the order of the ring: `A`, `B`, `C`. */
  readonly providers: readonly string[]
  /** One, or several to compare: they share the load evenly, and each fault strikes all of them at the same moment. */
  readonly sides: readonly Side[]
  /** What the script does to the current provider, in this order. The first is also done to all of them at once. */
  readonly faults: readonly Fault[]
  /** G8: how soon a call must succeed once a first provider is back after all were down. */
  readonly healsWithinMs: number
  /** The ids that a provider has executed, twice if it did so twice. Works also while it is down. */
  executed(provider: string): Promise<readonly string[]>
  /** How many connections are open to the providers. */
  connections(): number
  /** Stops the providers, in whatever state they are. */
  stop(): Promise<void>
}

/** A `RoundRobin` over the providers, and how to make a call through it. */
export interface Side {
  /** What sets it apart from the others, in a word: `plain`. None where there is but one side. */
  readonly name?: string
  /** Whether it keeps the next provider connected, as its option of that name says. */
  readonly standby: boolean
  /** Its connector's `id` must give the names that the stage has for the providers. */
  readonly roundRobin: Pick<RoundRobin<unknown, unknown>, 'providers' | 'on' | 'failover' | 'close'>
  /**
   * Makes one call: one run that executes `id` once, on whichever provider is current. Rejects with the run's own error.
   *
   * @param onAttempt - to be told of each provider that `id` is about to be sent to
   */
  call(id: string, idempotent: boolean, onAttempt: (provider: string) => void): Promise<void>
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
  /** The promise how soon the provider is left, where nothing tells of the fault and a heartbeat must find it. */
  readonly limit?: Limit
  strike(provider: string): Promise<void>
  lift(provider: string): Promise<void>
}
