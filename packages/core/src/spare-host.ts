import type { Connector, Verdict } from './connector.ts'
import type { ClosedError } from './errors.ts'
import type { Link } from './link.ts'
import type { Settings } from './options.ts'
import type { Provider } from './provider.ts'
import type { Ring } from './ring.ts'

/** What the parts of a spare need of the engine around it. */
export interface SpareHost<Source, Service> {
  readonly connector: Connector<Source, Service>
  readonly ring: Ring<Source>
  readonly settings: Settings
  readonly closedBy: ClosedError | undefined
  /** The current one. */
  readonly link: Link<Source, Service> | undefined
  /** The one that is being dialled to become it. */
  readonly dialling: Link<Source, Service> | undefined
  /** Begins a new link. */
  open(provider: Provider<Source>): Link<Source, Service>
  /** Whose fault it is that the dial of `link` failed. */
  judgeDial(link: Link<Source, Service>, error: unknown): Verdict | Promise<Verdict>
  /** The dial of `link` failed: it is told, and its provider cools. `isItsTurn`: the one after it comes next. */
  dialFailed(link: Link<Source, Service>, error: unknown, verdict: Verdict, isItsTurn: boolean): void
  /** Runs go to `link` from now on, which is up; `reason` is why a service that was current is left. */
  take(link: Link<Source, Service>, reason: 'manual' | 'failback', error?: unknown): void
  /** The spare becomes current, unless that has to wait. */
  dial(): void
  /** Turns away all who wait for a service: it is the caller's own fault that none can be connected. */
  refuse(error: unknown): void
}

/** A search for a provider that is up. */
export interface Search<Source> {
  /** It goes on for as long as this holds. */
  readonly isWanted: () => boolean
  readonly isCandidate: (provider: Provider<Source>) => boolean
  /** The candidate after this one is dialled first. */
  readonly after: Provider<Source>
  /** Whether somebody waits for it: else its timers do not keep the process alive. */
  readonly keepAlive: boolean
  readonly failed?: (failure: Failure<Source>) => void
}

/** Why a dial of a search failed. There is no verdict on one that was given up. */
export interface Failure<Source> {
  readonly provider: Provider<Source>
  readonly error: unknown
  readonly verdict: Verdict | undefined
  readonly durationMs: number
}

/** What standby and failback need of the spare that they keep. */
export interface KeptSpare<Source, Service> {
  /** Up. */
  readonly link: Link<Source, Service> | undefined
  /** Resolves when the search is not wanted any more, or all candidates were dialled, each once. */
  search(search: Search<Source>): Promise<void>
}
