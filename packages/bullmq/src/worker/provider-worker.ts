import { InvalidError } from '@tourniquet/core'
import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq'
import type { RedisOptions } from 'ioredis'
import { Deadline } from './deadline.ts'
import { endingChildren } from './inside.ts'
import type { Slots } from './slots.ts'
import { type WorkerClient, workerClient } from './worker-client.ts'

export interface ProviderWorkerParts {
  readonly queue: string
  readonly processor: Processor | string | URL
  readonly options: Omit<WorkerOptions, 'connection'>
  readonly redis: RedisOptions
  /** Of all providers. */
  readonly slots: Slots
  readonly tell: (event: string, args: unknown[]) => void
}

const pingMs = 300
const goodbyeMs = 400
const refusedMs = 1000

// It has become a replica, or takes no writes: until that changes each job that is asked for is refused.
const refusal = /^-?(READONLY|NOREPLICAS|MISCONF|MASTERDOWN|LOADING)\b/

/** @throws InvalidError if BullMQ does not take an option; nothing is open then */
export function openWorker(parts: ProviderWorkerParts): ProviderWorker {
  const client = workerClient(parts.redis)
  try {
    return new ProviderWorker(parts, client)
  } catch (error) {
    void client.destroy()
    throw new InvalidError(`BullMQ refuses the worker: ${(error as Error).message}`, { cause: error })
  }
}

/** The worker of one provider. */
export class ProviderWorker extends Worker {
  readonly #client: WorkerClient
  readonly #slots: Slots
  readonly #tell: ProviderWorkerParts['tell']
  readonly #endChildren: () => void
  /** It was connected. Before that BullMQ's goodbye leaves a rejection that nobody handles. */
  #isReady = false
  /** Jobs that are worked on, or whose end is being written down. */
  #active = 0
  readonly #whenIdle = new Set<() => void>()
  /** The last thing it asked for was refused. */
  #isRefused = false
  #deadline: Deadline | undefined
  #leaving: Promise<void> | undefined
  /** Aborts when what is not done is given up. */
  readonly #givenUp = new AbortController()
  /** Ends a rest. */
  #wake: () => void = () => {}

  constructor({ queue, processor, options, slots, tell }: ProviderWorkerParts, client: WorkerClient) {
    super(queue, processor, { ...options, connection: client })
    this.#client = client
    this.#slots = slots
    this.#tell = tell
    this.#endChildren = endingChildren(this)
    this.on('error', () => {}) // told like any other event
    this.waitUntilReady().then(
      () => {
        this.#isReady = true
      },
      () => {},
    )
  }

  override emit(event: string, ...args: unknown[]): boolean {
    // BullMQ's constructor may already say something.
    if (#tell in this) this.#tell(event, args)
    return super.emit(event as 'error', ...(args as [Error]))
  }

  override async processJob(...args: Parameters<Worker['processJob']>): ReturnType<Worker['processJob']> {
    this.#active++
    try {
      return await super.processJob(...args)
    } finally {
      this.#active--
      if (this.#active === 0) for (const tell of this.#whenIdle) tell()
    }
  }

  protected override callProcessJob(job: Job, token: string, signal?: AbortSignal): Promise<unknown> {
    return this.#slots.use(() => super.callProcessJob(job, token, signal), this.#givenUp.signal)
  }

  /** BullMQ would ask a server that refuses again at once, thousands of times a second. */
  protected override async moveToActive(
    ...args: Parameters<Worker['moveToActive']>
  ): ReturnType<Worker['moveToActive']> {
    try {
      const job = await super.moveToActive(...args)
      this.#isRefused = false
      return job
    } catch (error) {
      if (!refusal.test((error as Error).message)) throw error
      const isKnown = this.#isRefused
      this.#isRefused = true
      await this.#rest()
      if (!isKnown) throw error
      return undefined as unknown as Job
    }
  }

  // What was given up is not written down: the connection is gone, and BullMQ would try again without end.
  protected override async handleCompleted(...args: Parameters<Worker['handleCompleted']>): Promise<Job> {
    return this.#givenUp.signal.aborted ? (undefined as unknown as Job) : await super.handleCompleted(...args)
  }

  protected override async handleFailed(...args: Parameters<Worker['handleFailed']>): Promise<Job> {
    return this.#givenUp.signal.aborted ? (undefined as unknown as Job) : await super.handleFailed(...args)
  }

  /** As `pause`, which for a server that is down would never end, and keep its connection from coming back. */
  async halt(doNotWaitActive: boolean): Promise<void> {
    await this.pause(true)
    if (!doNotWaitActive) await this.#idle()
  }

  /**
   * Takes no more jobs, lets those that are worked on finish, and ends. Those that take longer are given up: BullMQ hands
   * them out again when their lock has expired.
   */
  leave(withinMs: number): Promise<void> {
    this.#deadline ??= new Deadline(withinMs)
    this.#deadline.shorten(withinMs)
    this.#leaving ??= this.#leave(this.#deadline)
    return this.#leaving
  }

  async #leave(deadline: Deadline): Promise<void> {
    this.#wake()
    // BullMQ's own goodbye, which also waits for a job that is just being handed out, waits for a server for ever.
    const isWell = this.#isReady && (await within(pingMs, this.#client.ping()))
    if (!isWell) await this.pause(true)
    const isDone = await deadline.isKeptBy(isWell ? this.close() : this.#idle())
    deadline.end()
    if (!isWell || !isDone) await this.#giveUp()
    await this.#client.destroy()
  }

  async #giveUp(): Promise<void> {
    this.#givenUp.abort(new Error('the worker is closed'))
    this.cancelAllJobs('the worker is closed')
    this.#endChildren()
    // Before BullMQ ends: what it has asked while it began fails, and it tells whoever still listens.
    await this.#client.destroy()
    await within(goodbyeMs, this.close(true))
    // A goodbye that waits for a job for ever would go on renewing its lock, and looking for stalled ones.
    await this.lockManager.close()
    await this.pause(true)
  }

  async #idle(): Promise<void> {
    if (this.#active === 0) return
    await new Promise<void>((resolve) => {
      const tell = () => {
        this.#whenIdle.delete(tell)
        resolve()
      }
      this.#whenIdle.add(tell)
    })
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, refusedMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/**
 * Whether the work succeeds in so many milliseconds. They are waited for in parts, so that a stall of our own event loop
 * costs one of them: what came meanwhile is read before the next one is over.
 */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const parts = 3
  for (let part = 1; part <= parts; part++) {
    const deadline = new Deadline(ms / parts)
    const isKept = await deadline.isKeptBy(work)
    deadline.end()
    if (isKept) return true
  }
  return false
}
