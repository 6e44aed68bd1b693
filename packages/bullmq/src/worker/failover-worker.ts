import { EventEmitter } from 'node:events'
import type { CloseOptions, ProviderInfo } from '@tourniquet/core'
import type { Processor, Worker } from 'bullmq'
import type { RedisOptions } from 'ioredis'
import type { BullMQSource } from '../connector.ts'
import { checkDrainMs } from '../options.ts'
import type { WorkerEvents } from './events.ts'
import { openWorker, type ProviderWorker } from './provider-worker.ts'
import { Slots } from './slots.ts'
import type { WorkerSettings } from './worker-options.ts'

export interface FailoverWorkerParts {
  readonly queue: string
  readonly processor: Processor | string | URL
  readonly settings: WorkerSettings
  readonly drainMs: number
  readonly redisOptions: (source: BullMQSource) => RedisOptions
}

/**
 * Works on the jobs of one queue on every provider, with a worker of BullMQ for each. Where a provider is down its worker
 * comes back with it, and finds what lay there.
 */
// biome-ignore lint/suspicious/noExplicitAny: as BullMQ has it
export class FailoverWorker<Data = any, Result = any, Name extends string = string> extends EventEmitter<
  WorkerEvents<Data, Result, Name>
> {
  readonly #parts: FailoverWorkerParts
  readonly #slots: Slots
  readonly #workers = new Map<string, ProviderWorker>()
  /** Those of providers that are gone. */
  readonly #leaving = new Map<ProviderWorker, Promise<void>>()
  /** How long jobs may still take. */
  #limit = Number.POSITIVE_INFINITY
  #isStarted: boolean
  #isPaused = false
  #closing: Promise<void> | undefined
  #end!: () => void
  /** @internal Resolves once it is closed. */
  readonly ended: Promise<void>

  /** @internal */
  constructor(parts: FailoverWorkerParts) {
    super()
    this.#parts = parts
    this.#slots = new Slots(parts.settings.total)
    this.#isStarted = parts.settings.options.autorun ?? true
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** The worker of each provider, by its id, as BullMQ made it. */
  get workers(): ReadonlyMap<string, Worker<Data, Result, Name>> {
    return this.#workers as ReadonlyMap<string, unknown> as ReadonlyMap<string, Worker<Data, Result, Name>>
  }

  /** Begins, where the option `autorun` is false. */
  run(): void {
    if (this.#isStarted || this.#closing) return
    this.#isStarted = true
    for (const worker of this.#workers.values()) worker.run().catch((error) => worker.emit('error', error))
  }

  /** Takes no more jobs. Resolves when those that are worked on are done; at once with `doNotWaitActive`. */
  async pause(doNotWaitActive = false): Promise<void> {
    this.#isPaused = true
    await Promise.all([...this.#workers.values()].map((worker) => worker.halt(doNotWaitActive)))
  }

  /** Takes jobs again. */
  resume(): void {
    if (this.#closing) return
    this.#isPaused = false
    for (const worker of this.#workers.values()) void worker.resume()
  }

  isPaused(): boolean {
    return this.#isPaused
  }

  /**
   * Takes no more jobs, waits for those that are worked on, and ends everything. Those that take longer than `drainMs` are
   * given up, and handed out again by BullMQ. It ends at the latest one second after that, whatever the servers do. Called
   * again with less, it ends sooner; the promise is the same.
   *
   * @param options - `drainMs`, by default that of the `BullMQRoundRobin`
   */
  close({ drainMs }: CloseOptions = {}): Promise<void> {
    checkDrainMs(drainMs)
    if (drainMs !== undefined || !this.#closing) this.#limit = Math.min(this.#limit, drainMs ?? this.#parts.drainMs)
    for (const [provider, worker] of this.#workers) this.#leave(provider, worker, this.#limit)
    for (const worker of this.#leaving.keys()) void worker.leave(this.#limit)
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** @internal Works on these providers, and no others. */
  follow(providers: readonly Pick<ProviderInfo<BullMQSource>, 'provider' | 'source'>[]): void {
    if (this.#closing) return
    for (const [provider, worker] of this.#workers) {
      if (!providers.some((each) => each.provider === provider)) this.#leave(provider, worker, this.#parts.drainMs)
    }
    for (const { provider, source } of providers) if (!this.#workers.has(provider)) this.#begin(provider, source)
  }

  #begin(provider: string, source: BullMQSource): void {
    const { queue, processor, settings, redisOptions } = this.#parts
    const worker = openWorker({
      queue,
      processor,
      options: { ...settings.options, autorun: this.#isStarted },
      redis: redisOptions(source),
      slots: this.#slots,
      tell: (event, args) => this.#tell(event, [...args, { provider }]),
    })
    if (this.#isPaused) void worker.halt(true)
    this.#workers.set(provider, worker)
  }

  #leave(provider: string, worker: ProviderWorker, withinMs: number): void {
    this.#workers.delete(provider)
    const leaving = worker.leave(withinMs).finally(() => this.#leaving.delete(worker))
    this.#leaving.set(worker, leaving)
  }

  async #close(): Promise<void> {
    await Promise.all(this.#leaving.values())
    this.#end()
  }

  /** As BullMQ does: what a listener throws is an error of the worker, and no reason to end the process or lose a job. */
  #tell(event: string, args: unknown[]): void {
    if (event === 'error' && this.listenerCount('error') === 0) return
    try {
      this.emit(event as never, ...(args as never))
    } catch (error) {
      if (event === 'error') console.error(error)
      else this.#tell('error', [error, args.at(-1)])
    }
  }
}
