import { clientOfRun } from '@tourniquet/redis'
import { FlowProducer, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { type CommonQueueOptions, commonOf } from './options.ts'
import type { QueueName, QueuesByName, QueueTypes } from './queue-types.ts'
import { LeftError } from './verdict.ts'

/** The queues on one provider. */
export interface Queues<Q extends QueuesByName<Q> = QueueTypes> {
  /** The queue of that name, the same one each time. It is closed with its provider. */
  get<N extends QueueName<Q>>(queue: N): Q[N]
  /** What adds trees of jobs. */
  readonly flows: FlowProducer
  /** The client of the provider, which all of them share: it fails as soon as its connection does. */
  readonly redis: Redis
}

const ignore = (): void => {}

/** Opened when they are first asked for, on one connection. */
export class ProviderQueues implements Queues {
  readonly redis: Redis
  readonly #options: CommonQueueOptions
  readonly #queues = new Map<string, Queue>()
  #flows: FlowProducer | undefined
  #isClosed = false

  constructor(redis: Redis, options: CommonQueueOptions) {
    this.redis = redis
    this.#options = options
  }

  get(name: string): Queue {
    if (this.#isClosed) throw new LeftError()
    let queue = this.#queues.get(name)
    if (queue) return queue
    queue = new Queue(name, { ...this.#options, connection: this.redis })
    queue.on('error', ignore) // whoever asks it for something is told
    this.#queues.set(name, queue)
    return queue
  }

  get flows(): FlowProducer {
    if (this.#isClosed) throw new LeftError()
    if (this.#flows) return this.#flows
    this.#flows = new FlowProducer({ ...commonOf(this.#options), connection: this.redis })
    this.#flows.on('error', ignore)
    return this.#flows
  }

  /** Takes back what they keep in the client; that itself stays as it is. */
  close(): void {
    this.#isClosed = true
    for (const each of [...this.#queues.values(), this.#flows]) {
      // Not before they are open: BullMQ would reject what nobody handles, if the connection is lost meanwhile.
      each
        ?.waitUntilReady()
        .catch(ignore)
        .then(() => each.close())
        .catch(ignore)
    }
  }
}

/**
 * Those of one run, on a client of its own: what fails there knows what else the run has done.
 *
 * @param shared - those of the provider, which have looked at its version, and written what is kept of each queue
 */
export class RunQueues extends ProviderQueues {
  readonly #shared: ProviderQueues

  constructor(shared: ProviderQueues, options: CommonQueueOptions) {
    super(clientOfRun(shared.redis), { ...options, skipVersionCheck: true, skipMetasUpdate: true })
    this.#shared = shared
  }

  override get(name: string): Queue {
    this.#shared.get(name)
    return super.get(name)
  }
}
