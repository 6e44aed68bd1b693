import { AbstractConnector, type Command, Redis, type RedisOptions } from 'ioredis'
import { isReadOnly, isScript, statefulName } from './commands.ts'
import { dial } from './dial.ts'
import { type AnyItem, inside, itemOf } from './inside.ts'
import { hidePassword } from './password.ts'
import { isPartOfMore, unitsOf } from './unit.ts'
import { entangle, isRefusal, marked } from './verdict.ts'

/** A client that fails over, as it stands with the provider it is connected to. */
export interface Attached {
  /** Finishes what it has begun, and goes; resolves when it is gone. */
  leave(): Promise<void>
  /** Goes at once. */
  cut(): void
  /** Says something, if it has nothing to say. */
  keepAlive(): void
}

/** So that a command ends when its connection does, and what failed is known to the one who asks. */
const failFast: RedisOptions = {
  retryStrategy: () => null,
  enableOfflineQueue: false,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  reconnectOnError: null,
  connectTimeout: 0, // the engine's holds
  disconnectTimeout: 0,
  // It would put commands of several runs into one pipeline.
  enableAutoPipelining: false,
  lazyConnect: true,
}

/** A client of ioredis for one provider, which connects once: another takes its place. */
export class ProviderClient extends Redis {
  readonly provider: string
  /** The last thing that went wrong with its connection. */
  lastError: Error | undefined
  /** The engine has left it. */
  isGone = false
  /** It was lost, or has not answered. */
  isDown = false
  readonly attached: Set<Attached> = new Set()
  /** Makes the client of a run. */
  readonly unit: () => Redis = unitsOf(this)
  /** What was refused or never sent. */
  readonly #notApplied = new WeakSet<Command>()
  /** MULTI was sent by itself: what follows is a part of it. */
  #isInMulti = false

  constructor(provider: string, options: RedisOptions) {
    super({ ...options, ...failFast, Connector: DirectConnector } as RedisOptions & { replyMapping?: 'legacy' })
    this.provider = provider
    const connector = inside(this).connector as DirectConnector
    connector.closed = () => this.#lose()
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (this.stream?.writable) {
      const name = statefulName(command)
      if (name === 'multi') this.#isInMulti = !command.inTransaction
      else if (name === 'exec' || name === 'discard') this.#isInMulti = false
      return super.sendCommand(command, stream)
    }
    const words = `${command.name} was not sent: ${this.provider} has closed the connection`
    this.#refuse(command, marked('next', new Error(words)))
    return command.promise
  }

  /** An error that a command was answered with. */
  override handleReconnection(error: Error, item: AnyItem): void {
    hidePassword(error)
    const { command } = itemOf(item)
    // A script may have done a part of what it does.
    if (isScript(command) && !isRefusal(error, 'master')) command.reject(error)
    else this.#refuse(command, error)
  }

  /** The server does not speak Redis, or does not let us in. */
  override recoverFromFatalError(_: Error, error: Error): void {
    const isAnswer = error.name === 'ReplyError'
    const words = `${this.provider} does not speak the Redis protocol: ${error.message}`
    this.lastError = isAnswer ? error : new Error(words, { cause: error })
    this.stream?.destroy()
  }

  /** No error of a connection is shouted at anyone: whoever has sent a command is told. */
  override silentEmit(event: string, argument?: unknown): boolean {
    if (event !== 'error') return this.listenerCount(event) > 0 && this.emit(event, argument)
    if (argument instanceof Error) this.lastError = argument
    return false
  }

  /** A server may close connections that are idle for long (`timeout`): that is no loss, and need not be one. */
  keepAlive(): void {
    const isBusy = inside(this).commandQueue.length > 0 || this.#isInMulti
    if (!isBusy && this.status === 'ready') this.ping().catch(() => {})
    for (const each of this.attached) each.keepAlive()
  }

  /** Ends it at once. */
  destroy(): void {
    this.disconnect()
    this.stream?.destroy()
  }

  /** Before ioredis, which tells nobody whether a command was written. */
  #lose(): void {
    const { commandQueue } = inside(this)
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0 // it would lead here, a thousand times, and take longer than all the rest
    for (let item = commandQueue.shift(); item; item = commandQueue.shift()) this.#loseOne(item.command)
    Error.stackTraceLimit = stackTraceLimit
  }

  #loseOne(command: Command): void {
    const words = `the connection to ${this.provider} was lost before ${command.name} was answered`
    const error = new Error(words, { cause: this.lastError })
    if (isReadOnly(command)) this.#refuse(command, marked('next', error))
    else command.reject(marked('unsure', error))
  }

  /** Ends a command that was not applied. */
  #refuse(command: Command, error: Error): void {
    this.#notApplied.add(command)
    entangle(error, () => isPartOfMore(command, this.#notApplied))
    command.reject(error)
  }
}

/**
 * The client of one run on a provider that a `RedisConnector` has connected: an error there knows what else that run has
 * sent. It has the provider's connection, and its listeners.
 */
export function clientOfRun(provider: Redis): Redis {
  return (provider as ProviderClient).unit()
}

class DirectConnector extends AbstractConnector {
  closed: () => void = () => {}
  readonly #options: RedisOptions

  constructor(options: unknown) {
    super(0)
    this.#options = options as RedisOptions
  }

  connect(): ReturnType<AbstractConnector['connect']> {
    const socket = dial(this.#options)
    socket.once('close', () => this.closed())
    this.stream = socket
    return Promise.resolve(socket)
  }
}
