import { existsSync } from 'node:fs'
import { InvalidError } from '@tourniquet/core'
import type { WorkerOptions } from 'bullmq'
import { type CommonQueueOptions, commonOf } from '../options.ts'

/** BullMQ's own options of a worker, for that of each provider, but where it says otherwise. */
export interface FailoverWorkerOptions extends Omit<WorkerOptions, 'connection' | 'concurrency'> {
  /** How many jobs of one provider are worked on at the same time. Default 1, as in BullMQ. */
  readonly concurrency?: number | undefined
  /**
   * How many jobs of all providers together are worked on at the same time. What a provider has handed out beyond that
   * waits here, and counts as active there. Default `Infinity`.
   */
  readonly totalConcurrency?: number | undefined
}

/** What the worker of each provider is told. */
export interface WorkerSettings {
  readonly total: number
  readonly options: Omit<WorkerOptions, 'connection'>
}

/** @throws InvalidError that names what is not what it must be */
export function readWorkerOptions(
  processor: unknown,
  given: FailoverWorkerOptions,
  queue: CommonQueueOptions,
): WorkerSettings {
  checkProcessor(processor)
  if (typeof given !== 'object' || given === null)
    throw new InvalidError(`the options of a worker must be an object; got ${typeof given}`)
  if ('connection' in given) throw new InvalidError('connection cannot be set: a worker works on every provider')
  const { concurrency = 1, totalConcurrency = Number.POSITIVE_INFINITY, ...rest } = given
  checkCount('concurrency', concurrency)
  if (totalConcurrency !== Number.POSITIVE_INFINITY) checkCount('totalConcurrency', totalConcurrency)
  return { total: totalConcurrency, options: { ...commonOf(queue), ...rest, concurrency } }
}

function checkProcessor(processor: unknown): void {
  if (typeof processor === 'function') return
  if (typeof processor !== 'string' && !(processor instanceof URL))
    throw new InvalidError(`a processor must be a function, or the path or URL of a file; got ${typeof processor}`)
  // As BullMQ looks for it.
  const isWhole = processor instanceof URL || /\.(js|ts|flow|cjs|mjs)$/.test(processor)
  const isThere = existsSync(isWhole ? processor : `${processor}.js`)
  if (!isThere) throw new InvalidError(`the file of the processor is not there: ${String(processor)}`)
}

function checkCount(option: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) > 0) return
  throw new InvalidError(`${option} must be a whole number from 1; got ${String(value)}`)
}
