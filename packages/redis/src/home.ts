import type { RoundRobin, RunOptions } from '@tourniquet/core'
import type { Redis } from 'ioredis'
import type { ProviderClient } from './provider-client.ts'
import type { RedisSource } from './source.ts'
import type { Role } from './verdict.ts'

/** What clients need of the `RedisRoundRobin` that they belong to. */
export interface Home extends Pick<RoundRobin<RedisSource, Redis>, 'on'> {
  readonly role: Role
  isClosed(): boolean
  /** Whether a command that may have been applied may be sent again. */
  readonly idempotent: boolean
  /** How often a command may be sent. */
  maxAttempts(): number
  /** How many providers there are. */
  size(): number
  /** Milliseconds to wait after so many rounds that failed. */
  backoffMs(rounds: number): number
  readonly connectTimeoutMs: number
  /** How long what is left may take to finish. */
  drainMs(): number
  /** `run` of core, on the client of a provider itself. */
  runOn<T>(
    work: (client: ProviderClient, context: { readonly signal: AbortSignal }) => Promise<T>,
    options: RunOptions,
  ): Promise<T>
}
