import { hidePassword } from '@tourniquet/redis'
import { Redis, type RedisOptions } from 'ioredis'

// Longer than any answer takes.
const silenceMs = 10_000

/**
 * The connection of a worker, which comes back for as long as it takes: without that a worker never works again, and says
 * nothing.
 */
const lasting: RedisOptions = {
  retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), 1000) * (0.5 + Math.random() / 2),
  maxRetriesPerRequest: null, // BullMQ insists on it
  enableOfflineQueue: true,
  enableReadyCheck: true,
  autoResendUnfulfilledCommands: true,
  connectTimeout: 5000,
  disconnectTimeout: 0, // it would keep the process alive
  // A server that is loading its data is asked again this soon.
  maxLoadingRetryTime: 1000,
}

/** A client of ioredis for the worker of one provider, and those that BullMQ makes of it. */
export class WorkerClient extends Redis {
  readonly #made: WorkerClient[] = []

  constructor(options: RedisOptions) {
    super({ ...options, ...lasting } as RedisOptions & { replyMapping?: 'legacy' })
    this.on('error', () => {}) // the worker says what its user is to know
    this.on('connect', () => this.#limitGreeting())
  }

  override handleReconnection(...args: Parameters<Redis['handleReconnection']>): void {
    hidePassword(args[0])
    super.handleReconnection(...args)
  }

  /** One of its own kind: on it a worker waits for jobs, for longer than an answer takes. */
  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    const { socketTimeout: _, ...options } = this.options
    const client = new WorkerClient({ ...options, ...override })
    this.#made.push(client)
    return client
  }

  /** Ends it and its duplicates, at once. Resolves when whoever has asked them for something has been told. */
  async destroy(): Promise<void> {
    for (const client of [this, ...this.#made]) {
      client.disconnect()
      client.stream?.destroy()
    }
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }

  /** Something may accept a connection for a server that is not there: ioredis would wait for its greeting for ever. */
  #limitGreeting(): void {
    const { stream } = this
    const timer = setTimeout(() => stream.destroy(), silenceMs)
    const end = () => clearTimeout(timer)
    this.once('ready', end)
    stream.once('close', end)
  }
}

/** The main connection of a worker, which never waits for a job. A server that does not answer is dialled again. */
export function workerClient(options: RedisOptions): WorkerClient {
  return new WorkerClient({ ...options, socketTimeout: silenceMs })
}
