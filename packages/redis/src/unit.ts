import type { ChainableCommander, Command, Redis } from 'ioredis'
import { isReadOnly } from './commands.ts'
import type { ProviderClient } from './provider-client.ts'
import { marked, type Role, verdictOf } from './verdict.ts'

/** What `exec()` of a pipeline resolves to: the error, or the result, of each command. */
export type BatchResult = [error: Error | null, result: unknown][]

/**
 * One attempt of a run: the client of a provider, which knows what it was asked in this attempt. That one command was
 * refused says nothing of those before it: if another one may have been applied, the attempt may have been.
 */
export class Unit {
  readonly client: Redis
  readonly #provider: ProviderClient
  readonly #role: Role
  readonly #writes: Command[] = []

  constructor(provider: ProviderClient, role: Role) {
    this.#provider = provider
    this.#role = role
    // The client itself, but for what it sends: whoever holds it may use all that ioredis has.
    this.client = Object.create(provider, { sendCommand: { value: this.#send } }) as Redis
  }

  /** The error as it came. What may have been applied though the error says otherwise is marked as such. */
  judged(error: unknown): unknown {
    if (!(error instanceof Error) || verdictOf(error, 'run', this.#role) !== 'next') return error
    const { notApplied } = this.#provider
    return this.#writes.every((command) => notApplied.has(command)) ? error : marked('unsure', error)
  }

  readonly #send = (command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown => {
    // Within a transaction it is EXEC that applies them.
    if (!command.inTransaction && !isReadOnly(command)) this.#writes.push(command)
    return this.#provider.sendCommand(command, stream)
  }
}

/** Runs a pipeline as one: it fails where one of its commands met a provider that is not fit, or was lost. */
export async function runPipeline(
  redis: Redis,
  build: (pipeline: ChainableCommander) => unknown,
  role: Role,
): Promise<BatchResult> {
  const pipeline = redis.pipeline()
  await build(pipeline)
  const results = (await pipeline.exec()) ?? []
  const failed = results.find(([error]) => error !== null && isProvidersFault(error, role))
  if (failed) throw failed[0]
  return results
}

/** Runs MULTI, what `build` adds, and EXEC. */
export async function runTransaction(
  redis: Redis,
  build: (transaction: ChainableCommander) => unknown,
): Promise<BatchResult | null> {
  const transaction = redis.multi()
  await build(transaction)
  return await transaction.exec()
}

function isProvidersFault(error: Error, role: Role): boolean {
  const verdict = verdictOf(error, 'run', role)
  return verdict !== undefined && verdict !== 'caller'
}
