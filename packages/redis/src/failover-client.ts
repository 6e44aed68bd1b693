import { callbackify } from 'node:util'
import { TourniquetError } from '@tourniquet/core'
import { type Command, Redis, type RedisOptions } from 'ioredis'
import { closedError } from './closed-error.ts'
import { isBlocking, isInTransaction, isOfConnection, isSubscription, statefulName } from './commands.ts'
import type { Home } from './home.ts'
import { type AnyItem, type Item, inside, itemOf } from './inside.ts'
import { isOurs } from './ours.ts'
import { hidePassword } from './password.ts'
import type { ProviderClient } from './provider-client.ts'
import { Resend } from './resend.ts'
import { Rest } from './rest.ts'
import { type Connecting, RingConnector } from './ring-connector.ts'
import { ServerState } from './server-state.ts'
import { anew, type Gap, Subscriptions } from './subscriptions.ts'
import { isRefusal, marked } from './verdict.ts'

/** What ioredis is told so that nothing waits for ever, and nothing is sent twice. */
const inner: RedisOptions = {
  Connector: RingConnector,
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  enableReadyCheck: true,
  autoResubscribe: true,
  reconnectOnError: null,
}

const handshake = new Set('auth hello select client readonly info'.split(' '))

/** ioredis' client, and what it tells beside ioredis' own events. */
export type FailoverRedis = Redis & {
  /** Subscriptions have moved to another connection: messages may have been missed. */
  on(event: 'gap', listener: (gap: Gap) => void): unknown
  once(event: 'gap', listener: (gap: Gap) => void): unknown
}

/** A client of ioredis whose connection is always one to the current provider. */
export class FailoverClient extends Redis implements Connecting {
  readonly home: Home
  readonly #ring: RingConnector
  readonly #resend: Resend
  readonly #state = new ServerState()
  /** Refused by a provider that was not fit for it, in their order. */
  #refused: Item[] = []
  readonly #subscriptions = new Subscriptions()
  /** Whoever has called `connect`: told if no provider could be connected. */
  #waiting: ((error: unknown) => void)[] = []
  readonly #rest = new Rest()
  #db: number
  /** Until it has told that it is ready, ioredis sends what it has to by itself. */
  #isSettingUp = true
  /** What it has sent so. */
  readonly #own = new WeakSet<Command>()
  /** What has waited for a connection. */
  readonly #queued = new WeakSet<Command>()

  constructor(home: Home, options: RedisOptions = {}) {
    super({
      ...options,
      ...inner,
      retryStrategy: () => (home.isClosed() ? null : 0),
      lazyConnect: true,
    } as RedisOptions & { replyMapping?: 'legacy' })
    this.home = home
    this.#db = this.options.db ?? 0
    this.#resend = new Resend(home)
    this.#ring = inside(this).connector as RingConnector
    this.#ring.client = this
    this.options.lazyConnect = options.lazyConnect ?? false
    if (!options.lazyConnect) this.connect().catch(() => {})
  }

  override connect(callback?: (error?: Error | null) => void): Promise<void> {
    const connected = new Promise<void>((resolve, reject) => {
      this.#waiting.push(reject)
      super.connect().then(resolve, reject)
      this.#keepDb()
    })
    if (callback) callbackify(() => connected)(callback)
    return connected
  }

  override disconnect(reconnect = false): void {
    super.disconnect(reconnect)
    if (reconnect) return
    this.#rest.wake()
    // ioredis has stopped its timer, and would leave what waits for ever.
    if (this.status === 'reconnecting' || this.status === 'close') this.#finish()
  }

  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    const own = Object.entries(override).filter(([option]) => option === 'monitor' || !isOurs(option))
    return new FailoverClient(this.home, { ...this.options, ...Object.fromEntries(own) })
  }

  /** In place of listeners, which somebody may remove. */
  override emit(event: string | symbol, ...details: unknown[]): boolean {
    // Of the constructor, which connects only once it knows its home.
    if (event === 'wait' && !this.options.lazyConnect) return false
    if (event === 'ready') this.#isReady()
    else if (event === 'end') this.#hasEnded()
    else if (event === 'select') this.#selected(details[0] as number)
    else if (event === 'error' && this.listenerCount(event) === 0) return false
    return super.emit(event, ...details)
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (this.status === 'ready' && !this.#ring.isLeaving) {
      if (this.#isSettingUp && !this.#queued.has(command) && isOfConnection(command)) this.#noteOwn(command)
      const name = statefulName(command)
      if ((name !== undefined || this.#state.isInMulti) && this.stream.writable) {
        return this.#sendChecked(command, name, stream)
      }
      return super.sendCommand(command, stream)
    }
    if (this.status === 'end' && this.home.isClosed()) {
      command.reject(closedError())
      return command.promise
    }
    this.#rest.wake()
    if (this.status !== 'connect' || !handshake.has(command.name)) this.#queued.add(command)
    // Some versions send on before they have looked at the server.
    if (this.status === 'ready' || (this.status === 'connect' && this.#queued.has(command))) {
      inside(this).offlineQueue.push({ command, stream, select: this.condition?.select ?? 0 })
      return command.promise
    }
    return super.sendCommand(command, stream)
  }

  /** An error that a command was answered with. */
  override handleReconnection(error: Error, refused: AnyItem): void {
    hidePassword(error)
    const item = itemOf(refused)
    const { command } = item
    if (this.status !== 'ready' || !isRefusal(error, this.home.role)) {
      command.reject(error)
      return
    }
    const on = this.#ring.provider
    const isPart = this.#isPart(command)
    const end = isPart ? error : this.#resend.refuse({ command, on, cause: error, isUnsure: false, isPart })
    if (end) command.reject(end)
    else this.#refused.push(item)
    this.#state.lost()
    void this.#ring.leave(error)
  }

  /** The server does not let us in, or has said what Redis does not say. */
  override recoverFromFatalError(_: Error, error: Error): void {
    this.#ring.cut(this.status === 'ready' ? marked('next', error) : error)
  }

  /** Errors of connections are for the engine: whoever has sent a command is told what became of it. */
  override silentEmit(event: string, argument?: unknown): boolean {
    return event !== 'error' && this.listenerCount(event) > 0 && this.emit(event, argument)
  }

  get isIdle(): boolean {
    return inside(this).commandQueue.length === 0
  }

  get isWaiting(): boolean {
    return (
      !this.isIdle &&
      !inside(this)
        .commandQueue.toArray()
        .some(({ command }) => isBlocking(command))
    )
  }

  keepAlive(): void {
    const may = this.status === 'ready' && !this.options.monitor && !this.#state.isInMulti
    if (may && this.isIdle) this.ping().catch(() => {})
  }

  connecting({ options }: ProviderClient, isSame: boolean): void {
    const { condition } = inside(this)
    const { username, password } = options
    if (condition) condition.auth = username && password ? [username, password] : password
    Object.assign(this.options, {
      username,
      password,
      tls: options.tls,
      host: options.host,
      port: options.port,
      path: options.path,
    })
    if (!isSame) this.#state.moved()
  }

  async failed(error: unknown, signal: AbortSignal): Promise<void> {
    this.#drop(error)
    for (const reject of this.#waiting.splice(0)) reject(error)
    if (this.listenerCount('error') > 0) this.emit('error', error)
    // The engine waits between rounds. What it could not do for another reason it cannot do again: somebody has to ask.
    if (!(error instanceof TourniquetError)) await this.#rest.begin(this.home, this.#isListening)
    signal.throwIfAborted()
  }

  closed(why: Error): void {
    const own = inside(this)
    const wasReady = this.status === 'ready'
    this.#isSettingUp = true
    const again = this.#refused.splice(0)
    if (own.manuallyClosing) {
      for (const item of again) own.offlineQueue.push(item) // ioredis ends it all
      return
    }
    this.#state.lost()
    if (wasReady) this.#subscriptions.keep(own.condition)
    own.prevCondition = this.#subscriptions.kept ?? own.prevCondition
    const on = this.#ring.provider
    for (let item = own.commandQueue.shift(); item; item = own.commandQueue.shift()) {
      const { command } = item
      if (this.#own.has(command)) {
        if (command.name !== 'monitor') command.reject(why) // of which ioredis would make an error of the client
        continue
      }
      const isPart = this.#isPart(command)
      const end = wasReady ? this.#resend.refuse({ command, on, cause: why, isUnsure: true, isPart }) : why
      if (end) command.reject(end)
      else again.push(isSubscription(command) ? { ...item, command: anew(command) } : item)
    }
    // Before what came later. A part of a pipeline would wait for the rest of it: each goes by itself.
    for (const { command, select } of again.reverse()) {
      this.#queued.add(command)
      own.offlineQueue.unshift({ command, select, stream: undefined })
    }
    if (this.home.isClosed()) this.#drop(closedError())
  }

  /** What builds on a former server's state is not done. */
  #sendChecked(command: Command, name: string | undefined, stream: Parameters<Redis['sendCommand']>[1]): unknown {
    if (name) command.name = name // ioredis knows it in small letters only
    const error = this.#state.check(command)
    if (!error) return super.sendCommand(command, stream)
    if (!stream) {
      command.reject(error)
      return command.promise
    }
    // A pipeline writes once all of its commands are there: this one goes along, and does nothing.
    command.name = name === 'exec' ? 'discard' : 'ping'
    command.args = []
    command.resolve = () => command.reject(error)
    return super.sendCommand(command, stream)
  }

  /** Ends what waits for a connection. */
  #drop(error: unknown): void {
    const { offlineQueue } = inside(this)
    for (let item = offlineQueue.shift(); item; item = offlineQueue.shift()) {
      item.command.reject(this.#resend.unserved(item.command, error))
    }
  }

  #selected(db: number): void {
    this.#db = db
    this.#keepDb()
  }

  /** ioredis begins in the db of its options, and selects at the end: what was sent meanwhile would go to the wrong one. */
  #keepDb(): void {
    const { condition, prevCondition } = inside(this)
    for (const each of [condition, prevCondition]) if (each) each.select = this.#db
  }

  /** What ioredis sends by itself: nobody waits for it. */
  #noteOwn(command: Command): void {
    this.#own.add(command)
    command.promise.catch(() => {})
  }

  /** Nobody sends a command where somebody listens. */
  get #isListening(): boolean {
    return this.#subscriptions.kept !== undefined || this.options.monitor === true
  }

  #isPart(command: Command): boolean {
    return isInTransaction(command) || this.#state.isPart(command)
  }

  #isReady(): void {
    if (this.status !== 'ready') return // it was lost meanwhile
    this.#isSettingUp = false
    this.#waiting = []
    this.#ring.ready()
    const gap = this.#subscriptions.gap()
    if (!gap) return
    // Answered after all that was sent before: then it is subscribed again. That of a connection which was lost is sent
    // again too.
    const told = () => {
      if (!this.#subscriptions.kept) return
      this.#subscriptions.forget()
      this.emit('gap', { provider: this.#ring.provider?.provider ?? '', ...gap } satisfies Gap)
    }
    this.ping().then(told, (error) => error.name === 'ReplyError' && told()) // it may not be allowed to ask
  }

  #finish(): void {
    inside(this).setStatus('end')
    inside(this).flushQueue(new Error('Connection is closed.'))
  }

  #hasEnded(): void {
    inside(this).manuallyClosing = false
    this.#subscriptions.forget()
  }
}
