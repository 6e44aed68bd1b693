import {
  ClosedError,
  type CloseOptions,
  type Connector,
  InvalidError,
  RoundRobin,
  type RunFunction,
  type RunOptions,
} from '@tourniquet/core'
import type { JobNode, JobsOptions, Processor } from 'bullmq'
import { checkAdded, checkedFlow, checkJob, checkJobs, checkQueueName } from './check.ts'
import { BullMQConnector, type BullMQSource } from './connector.ts'
import { type Flow, flowMaker, type JobToSend, jobMaker, type MadeJob, type PerAttempt, queuesIn } from './jobs.ts'
import { type BullMQRoundRobinOptions, checkDrainMs, toSettings } from './options.ts'
import type { JobData, JobName, JobOf, JobResult, QueueName, QueuesByName, QueueTypes } from './queue-types.ts'
import { type ProviderQueues, type Queues, RunQueues } from './queues.ts'
import { LeftError, ofWholeRun } from './verdict.ts'
import { Deadline } from './worker/deadline.ts'
import { FailoverWorker } from './worker/failover-worker.ts'
import { type FailoverWorkerOptions, readWorkerOptions } from './worker/worker-options.ts'

/**
 * BullMQ over several Redis servers: what sends jobs stays with one of them while it is up, and moves on to the next; what
 * works on jobs works on all of them.
 *
 * @typeParam Q - the queues by their names, such as `{ mail: Queue<Mail> }`
 */
export class BullMQRoundRobin<Q extends QueuesByName<Q> = QueueTypes> extends RoundRobin<BullMQSource, Queues<Q>> {
  readonly #connector: BullMQConnector
  /** Whether to send a job again is safe: it is the same job, by its id. */
  readonly #isIdempotent: boolean
  readonly #drainMs: number
  readonly #workers = new Set<FailoverWorker>()
  #isClosed = false
  #closeBy: Deadline | undefined
  #closing: Promise<void> | undefined

  /**
   * Nothing is connected before the first job is sent.
   *
   * @throws InvalidError where a source or an option is not as expected
   */
  constructor(sources: readonly BullMQSource[], options: BullMQRoundRobinOptions = {}) {
    const { core, connector: about } = toSettings(options)
    const connector = options.connector ?? new BullMQConnector(about)
    checkSources(sources, connector)
    super(sources, connector as unknown as Connector<BullMQSource, Queues<Q>>, core)
    this.#connector = connector
    this.#isIdempotent = core.idempotent ?? true
    this.#drainMs = core.drainMs ?? 5000
  }

  /**
   * Adds a job to a queue, and resolves to it once a server has said that it is there. `data` and `jobOptions` may be
   * functions, which are asked for each attempt. The job has the same id in all attempts: yours, or a UUID.
   *
   * @param runOptions - `idempotent` is `true` by default: with `false` the job is sent at most once
   * @throws OutcomeUnknownError if it was sent and not answered, and is not `idempotent`
   */
  async sendJob<N extends QueueName<Q>>(
    queue: N,
    name: JobName<Q, N>,
    data: PerAttempt<JobData<Q, N>>,
    jobOptions?: PerAttempt<JobsOptions | undefined>,
    runOptions?: RunOptions,
  ): Promise<JobOf<Q, N>> {
    checkQueueName(queue)
    checkJob(name, jobOptions)
    const make = jobMaker({ name, data, opts: jobOptions })
    return await super.run(async (queues, attempt) => {
      const made = await make(attempt)
      return (await queues.get(queue).add(made.name, made.data, made.opts)) as JobOf<Q, N>
    }, this.#sending(runOptions))
  }

  /**
   * Adds many jobs to a queue in one go. If the server is lost in the midst of it, all of them are sent to the next one.
   *
   * @param runOptions - as in `sendJob`
   * @throws OutcomeUnknownError if some were sent and not answered, and they are not `idempotent`
   */
  async sendJobs<N extends QueueName<Q>>(
    queue: N,
    jobs: readonly JobToSend<JobName<Q, N>, JobData<Q, N>>[],
    runOptions?: RunOptions,
  ): Promise<JobOf<Q, N>[]> {
    checkQueueName(queue)
    checkJobs(jobs)
    const makers = jobs.map((job) => jobMaker(job as JobToSend))
    return await this.run(async (queues, attempt) => {
      const made: MadeJob[] = []
      for (const make of makers) made.push(await make(attempt))
      return checkAdded(await queues.get(queue).addBulk(made)) as JobOf<Q, N>[]
    }, this.#sending(runOptions))
  }

  /**
   * Adds a tree of jobs: all of them, or none. The option `queue.defaultJobOptions` holds for them, too.
   *
   * @param runOptions - as in `sendJob`
   * @throws OutcomeUnknownError if it was sent and not answered, and is not `idempotent`
   */
  async sendFlow(flow: Flow, runOptions?: RunOptions): Promise<JobNode> {
    if (typeof flow !== 'function') checkedFlow(flow)
    const make = flowMaker(flow)
    const { defaultJobOptions } = this.#connector.queue
    return await super.run(async (queues, attempt) => {
      const made = await make(attempt)
      const ofQueue = defaultJobOptions ? { defaultJobOptions } : {}
      const queuesOptions = Object.fromEntries(queuesIn(made).map((name) => [name, ofQueue]))
      const { flows } = queues
      const node = await flows.add(made, { queuesOptions })
      if (!node) throw new LeftError() // a producer that is closed does nothing, and says nothing
      return node
    }, this.#sending(runOptions))
  }

  /**
   * Works on the jobs of a queue on every provider, since they may lie on any. Begins at once, with each server that can be
   * reached, and with the others when they can be.
   *
   * @param processor - as BullMQ has it: a function, or the path or URL of a file that runs in a process of its own
   * @throws InvalidError, ClosedError
   */
  worker<N extends QueueName<Q>>(
    queue: N,
    processor: Processor<JobData<Q, N>, JobResult<Q, N>, JobName<Q, N>> | string | URL,
    options: FailoverWorkerOptions = {},
  ): FailoverWorker<JobData<Q, N>, JobResult<Q, N>, JobName<Q, N>> {
    checkQueueName(queue)
    const settings = readWorkerOptions(processor, options, this.#connector.queue)
    if (this.#isClosed) throw new ClosedError('this BullMQRoundRobin is closed; create another to work on jobs')
    const worker = new FailoverWorker({
      queue,
      processor: processor as Processor,
      settings,
      drainMs: this.#drainMs,
      redisOptions: (source) => this.#connector.redisOptions(source),
    })
    worker.follow(this.providers)
    this.#workers.add(worker)
    void worker.ended.then(() => this.#workers.delete(worker))
    return worker
  }

  /** As in `@tourniquet/core`; `fn` gets the queues of the current provider, until what it returns settles. */
  override run<T>(fn: RunFunction<Queues<Q>, BullMQSource, T>, options?: RunOptions): Promise<T> {
    if (typeof fn !== 'function') return super.run(fn, options)
    return super.run(async (shared, context) => {
      const queues = new RunQueues(shared as unknown as ProviderQueues, this.#connector.queue)
      try {
        return await fn(queues as unknown as Queues<Q>, context)
      } catch (error) {
        throw await ofWholeRun(error, queues.redis)
      } finally {
        queues.close()
      }
    }, options)
  }

  /** As in `@tourniquet/core`. Workers follow: they begin to work on what is new, and end with what is gone. */
  override setSources(sources: readonly BullMQSource[]): void {
    checkSources(sources, this.#connector)
    super.setSources(sources)
    for (const worker of this.#workers) worker.follow(this.providers)
  }

  /**
   * As in `@tourniquet/core`. Its workers are closed first, within `drainMs` and a second: the jobs that they finish may
   * still send others.
   */
  override close(options: CloseOptions = {}): Promise<void> {
    checkDrainMs(options.drainMs)
    this.#isClosed = true
    this.#closeBy ??= new Deadline(options.drainMs ?? this.#drainMs)
    if (options.drainMs !== undefined) this.#closeBy.shorten(options.drainMs)
    const workers = [...this.#workers].map((worker) => worker.close(options))
    if (workers.length === 0) void this.#closeRuns(this.#closeBy)
    this.#closing ??= Promise.all(workers).then(() => this.#closeRuns(this.#closeBy as Deadline))
    return this.#closing
  }

  #closeRuns(by: Deadline): Promise<void> {
    by.end()
    return super.close({ drainMs: by.leftMs })
  }

  #sending(options: RunOptions | undefined): RunOptions {
    return { ...options, idempotent: options?.idempotent ?? this.#isIdempotent }
  }
}

/** @throws InvalidError */
function checkSources(sources: readonly BullMQSource[], connector: BullMQConnector): void {
  if (!(connector instanceof BullMQConnector)) throw new InvalidError('connector must be a BullMQConnector')
  if (Array.isArray(sources)) for (const source of sources) connector.assertSource(source) // core says what else is wrong
}
