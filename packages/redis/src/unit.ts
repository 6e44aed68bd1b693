import { EventEmitter } from 'node:events'
import type { ChainableCommander, Command, Redis } from 'ioredis'
import { isReadOnly } from './commands.ts'
import { isProvidersFault, type Role } from './verdict.ts'

/** What `exec()` of a pipeline resolves to: the error, or the result, of each command. */
export type BatchResult = [error: Error | null, result: unknown][]

/**
 * One attempt of a run: what it has sent. That one command was refused says nothing of those before it: if another one
 * may have been applied, the attempt may have been.
 */
interface Unit {
  writes: Command[] | undefined
}

const units: unique symbol = Symbol('unit')
type OfUnit = Command & { [units]?: Unit }

/**
 * What hands out the clients of runs: each is the client of the provider itself, but for knowing what is sent through it.
 * They have one shape, so that to make one costs nothing beside a GET.
 */
export function unitsOf(provider: Redis): () => Redis {
  function UnitClient(this: Unit): void {
    this.writes = undefined
  }
  UnitClient.prototype = Object.create(provider, {
    ...itself(provider),
    sendCommand: {
      value(this: Unit, command: OfUnit, stream?: Parameters<Redis['sendCommand']>[1]) {
        command[units] = this
        // Within a transaction it is EXEC that applies them.
        if (!command.inTransaction && !isReadOnly(command)) {
          this.writes ??= []
          this.writes.push(command)
        }
        return provider.sendCommand(command, stream)
      },
    },
  })
  const Constructor = UnitClient as unknown as new () => Redis
  return () => new Constructor()
}

const ofEmitters = Object.keys(EventEmitter.prototype).filter((name) => !name.startsWith('_'))
const keeping = [...ofEmitters, 'connect', 'disconnect', 'end', 'defineCommand']

/** The methods that keep something in the client: they are called on the client itself. */
function itself(provider: Redis): PropertyDescriptorMap {
  const methods = provider as unknown as Record<string, (...parameters: unknown[]) => unknown>
  return Object.fromEntries(
    keeping.map((name) => [name, { value: (...parameters: unknown[]) => methods[name]?.(...parameters) }]),
  )
}

/** Whether a command was sent in an attempt in which others may have been applied. `notApplied`: those that were not. */
export function isPartOfMore(command: OfUnit, notApplied: WeakSet<Command>): boolean {
  return command[units]?.writes?.some((each) => each !== command && !notApplied.has(each)) ?? false
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
