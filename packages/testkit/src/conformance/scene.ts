import type { Attempt, FailoverReason, Options, RunContext, RunOptions } from '@tourniquet/core'
import type { FaultProxy } from '../proxy/fault-proxy.ts'
import type { TestServer } from './description.ts'
import type { Witness } from './witness.ts'

/** A real server, and the fault proxy through which one test reaches it. */
export interface StagedProvider {
  /** `A`, `B` or `C`: also what `who` answers there. */
  readonly name: string
  readonly server: TestServer
  readonly proxy: FaultProxy
  /** As a dead server seems: its connections are reset, new ones are refused. */
  down(): Promise<void>
  /** Undoes `down`, and any other fault of the proxy. */
  up(): Promise<void>
  demote(): Promise<void>
  /** Resolves once it has begun so many `hang`. */
  isBusy(hanging: number): Promise<void>
  /** How often it wrote each id. */
  written(): Promise<(id: string) => number>
}

/** The description's operations, on one client. */
export interface Asked {
  /** The name of the provider that answers. */
  who(): Promise<string>
  write(id: string): Promise<unknown>
  hang(): Promise<unknown>
  refuse(): Promise<unknown>
  writeReadOnly(): Promise<unknown>
}

/** What a test is about: see {@link Asked}, on the client it is given. */
export type Work<T> = (asked: Asked, context: Pick<RunContext<unknown>, 'attempt' | 'signal'>) => Promise<T>

/** What one test has: providers, each behind a fault proxy of its own, and a `RoundRobin` over them. */
export interface Scene {
  readonly providers: readonly StagedProvider[]
  readonly a: StagedProvider
  readonly b: StagedProvider
  readonly c: StagedProvider
  /** How many TCP connections a service may open. */
  readonly connections: number
  /** Whether a provider that has lost one connection, and is well, stays. */
  readonly asksFirst: boolean
  readonly witness: Pick<Witness<unknown, unknown>, 'dials' | 'dialled' | 'probes' | 'lastVerdict'> & {
    probing: () => void
    isFirstLate: boolean
  }
  /** The name of the current provider. */
  readonly current: string | undefined
  /** Why it moved, for each move so far. */
  readonly moves: readonly FailoverReason[]
  /** An id that no other test writes. */
  id(): string
  /** Runs `work` as the description's `via` does. */
  via<T>(work: (asked: Asked) => Promise<T>): Promise<T>
  /** Runs `work` as `rr.run` does. */
  run<T>(work: Work<T>, options?: RunOptions): Promise<T>
  /** The name of the provider that answers. */
  ask(): Promise<string>
  /** Throws, if any other than the provider of this name answers. */
  isServedBy(name: string): Promise<void>
  /** The next reply to this write is lost between A and the client, which sees its connection reset. */
  loseReplyTo(id: string): Promise<void>
  /** The names of the providers that these attempts were made on. */
  namesOf(attempts: readonly Attempt[]): readonly string[]
  connect(): Promise<unknown>
  failover(): Promise<unknown>
  close(options?: { drainMs: number }): Promise<void>
  /** What is left of all that was opened, in words; nothing, if all is as it was before. Call it after `close`. */
  leaks(): Promise<readonly string[]>
}

/** One test: its title begins with the guarantee that it proves. */
export interface Proof {
  readonly title: string
  /** How many providers it needs. Default 2. */
  readonly providers?: number
  /** What of the description it needs beside what every connector has. */
  readonly needs?: readonly ('demote' | 'promote' | 'writeReadOnly')[]
  /** Over the suite's own. */
  readonly options?: Options
  /** Reaches the servers without proxies, which live in this process. */
  readonly isDirect?: boolean
  readonly run: (scene: Scene) => Promise<void>
}
