import type { Fault, OwnScript, Scenario } from '../scenario.ts'

/** What a scenario says of itself. */
export type Introduced = Pick<Scenario, 'name' | 'description' | 'introduction'> & Partial<Pick<OwnScript, 'title'>>

/** What happened: something was done to a provider, undone, the engine moved on, or anything else. */
export type NewsKind = 'fault' | 'repair' | 'move' | 'note'

export type Say = (kind: NewsKind, text: string) => void

/** How things stand on one side. */
export interface Snapshot {
  /** Its name; empty where it is the only one. */
  readonly side: string
  readonly providers: readonly ProviderStand[]
  readonly callsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly made: number
  readonly succeeded: number
  readonly failed: number
  readonly inFlight: number
  /** Where there is a `RoundRobin`. */
  readonly failovers?: number
}

export interface ProviderStand {
  readonly name: string
  /** `current`, `spare`, `up`, or what was done to it. */
  readonly state: string
  /** Runs go to it; also while it is frozen, until that is found. */
  readonly isCurrent: boolean
  /** The letter of what was done to it. */
  readonly mark: string | undefined
  /** How many calls it acknowledged since the last snapshot. */
  readonly acknowledged: number
}

/** Shows what happens while it happens. */
export interface Timeline {
  /** How often it wants to be told how things stand. */
  readonly tickMs: number
  /** Before the providers are started: explains what is to be seen. */
  begin(scenario: Introduced): void
  /** The providers are up: time counts from here. `faults` are those that will be seen. */
  start(faults: readonly Pick<Fault, 'mark' | 'state'>[]): void
  readonly say: Say
  /** One for each side. */
  tick(snapshots: readonly Snapshot[]): void
  /** Also called if the show fails. */
  end(): void
}
