import { type Attempt, ExhaustedError, type Outcome, OutcomeUnknownError } from '@tourniquet/core'
import type { Command } from 'ioredis'
import { isInTransaction, isOfConnection, isReadOnly } from './commands.ts'
import type { Home } from './home.ts'
import type { ProviderClient } from './provider-client.ts'

/** What is known of a command that a provider did not answer. */
export interface Loss {
  readonly command: Command
  readonly on: ProviderClient | undefined
  readonly cause: Error
  /** Whether it may have been applied: it was written, and not refused. */
  readonly isUnsure: boolean
  /** Whether it is a part of a transaction: it is not sent again by itself. */
  readonly isPart: boolean
}

/** Which commands are sent again to the next provider, and with what error the others end. */
export class Resend {
  readonly #home: Home
  readonly #attempts = new WeakMap<Command, Attempt[]>()
  readonly #unsure = new WeakSet<Command>()

  constructor(home: Home) {
    this.#home = home
  }

  /** The error that the command has to end with; undefined where it is to be sent again. */
  refuse({ command, on, cause, isUnsure, isPart }: Loss): Error | undefined {
    const provider = on?.provider ?? ''
    const attempts = [
      ...(this.#attempts.get(command) ?? []),
      { provider, source: undefined, error: cause, durationMs: Number.NaN },
    ]
    this.#attempts.set(command, attempts)
    const changesNothing = isReadOnly(command) || isOfConnection(command)
    if (isUnsure && (isPart || !changesNothing)) this.#unsure.add(command)
    const outcome = this.#outcome(command)
    if (isPart || (outcome === 'unknown' && !this.#home.idempotent)) {
      const words = `${command.name} was sent to ${provider}, which was lost before it answered: it may have been applied`
      return new OutcomeUnknownError(words, { cause, provider, attempts, outcome: 'unknown' })
    }
    if (isOfConnection(command) || attempts.length < this.#home.maxAttempts()) return undefined
    return new ExhaustedError(`no provider has answered ${command.name}`, { attempts, outcome })
  }

  /** The error of a command that still waits for a provider after a round in which none could be connected. */
  unserved(command: Command, error: unknown): Error {
    if (this.#outcome(command) === 'not-applied') return isInTransaction(command) ? copyOf(error) : (error as Error)
    const attempts = this.#attempts.get(command) ?? []
    return new ExhaustedError(`no provider has answered ${command.name}`, { attempts, outcome: 'unknown' })
  }

  #outcome(command: Command): Outcome {
    return this.#unsure.has(command) ? 'unknown' : 'not-applied'
  }
}

/** ioredis adds to the error of an EXEC what it knows of its transaction: others have the same error. */
function copyOf(error: unknown): Error {
  return Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error)) as Error
}
