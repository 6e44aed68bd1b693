import {
  type CallCredentials,
  type Channel,
  status as Code,
  connectivityState,
  type Deadline,
  Metadata,
  propagate,
} from '@grpc/grpc-js'
import { ExhaustedError, type RunOptions } from '@tourniquet/core'
import type { AuthContext, Call, CallListener, MessageContext, ParentCall } from './call.ts'
import { type AttemptOwner, CallAttempt } from './call-attempt.ts'
import { CallError } from './call-error.ts'
import { earliest, untilDeadline } from './deadline.ts'
import { type EndedStatus, origin } from './origin.ts'
import { Outbox } from './outbox.ts'
import { statusOf } from './status-of.ts'
import { pushbackMs } from './verdict.ts'

/** What `createCall` of a channel is told. */
export interface CallDescription {
  readonly method: string
  readonly deadline: Deadline
  readonly host: string | null | undefined
  readonly parent: ParentCall | null
  readonly flags: number | null | undefined
}

/** What a call needs of the channel it is made on. */
export interface CallHost {
  readonly target: string
  /** Whether a provider is connected. */
  readonly isReady: boolean
  readonly closed: EndedStatus | undefined
  isIdempotent(method: string): boolean
  /** Whether the status is its provider's fault. */
  isToBlame(status: EndedStatus): boolean
  run(
    attempt: (channel: Channel, context: { readonly attempt: number }) => Promise<void>,
    options: RunOptions,
  ): Promise<void>
  /** Starts an attempt that had to wait: many do so at the same time. */
  pace(start: () => void): void
  /** Whether so many bytes more may be kept to be sent again; if so they are. */
  keep(bytes: number, ofCall: number): boolean
  release(bytes: number): void
  waiting: Set<FailoverCall>
}

/** A call of a channel that fails over: the provider may change until the first one has answered. */
export class FailoverCall implements Call, AttemptOwner {
  readonly #host: CallHost
  readonly #description: CallDescription
  readonly #deadline: Deadline
  readonly #outbox = new Outbox()
  #metadata!: Metadata
  #listener!: CallListener
  #credentials: CallCredentials | undefined
  #attempt: CallAttempt | undefined
  /** The first answer came, or more was sent than is kept: it is not sent again. */
  #isCommitted = false
  #isOver = false
  #isReadAsked = false
  #isStarting = false
  /**
   * Whether the method has one reply: the clients of grpc-js ask for it in the same breath as they start the call, and
   * look at it when its status is there. It is held back until then, so that a reply that was lost half-way can be asked
   * for again. What a stream sends, somebody may wait for.
   */
  #hasOneReply = false
  #held: (() => void)[] = []
  /** Aborts the run, where nobody is connected when the call begins. */
  #giveUp: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  /** A server has asked to be left alone until then. */
  #notBefore = 0
  #forgetParent: (() => void) | undefined

  constructor(host: CallHost, description: CallDescription) {
    const { parent, deadline, flags } = description
    this.#host = host
    this.#description = description
    const isInTime = parent && (flags ?? propagate.DEFAULTS) & propagate.DEADLINE
    this.#deadline = isInTime ? earliest(deadline, parent.getDeadline()) : deadline
  }

  start(metadata: Metadata, listener: CallListener): void {
    this.#metadata = metadata.clone()
    this.#listener = listener
    this.#isStarting = true
    process.nextTick(() => {
      this.#isStarting = false
    })
    this.#heedParent()
    if (!this.#isOver) this.#begin()
  }

  sendMessageWithContext(context: MessageContext, message: Buffer): void {
    if (this.#isOver) {
      context.callback?.()
      return
    }
    if (!this.#isCommitted && !this.#host.keep(message.length, this.#outbox.keptBytes)) this.#commit()
    this.#outbox.add(context, message)
  }

  startRead(): void {
    this.#isReadAsked = true
    this.#hasOneReply ||= this.#isStarting
    this.#attempt?.call.startRead()
  }

  halfClose(): void {
    this.#outbox.end()
  }

  cancelWithStatus(code: Code, details: string): void {
    if (this.#attempt) this.#attempt.call.cancelWithStatus(code, details)
    else this.#endWith({ code, details, metadata: new Metadata() })
  }

  getPeer(): string {
    return this.#attempt?.call.getPeer() ?? this.#host.target
  }

  getCallNumber(): number {
    return this.#attempt?.call.getCallNumber() ?? 0
  }

  setCredentials(credentials: CallCredentials): void {
    this.#credentials = credentials
  }

  getAuthContext(): AuthContext {
    return this.#attempt?.call.getAuthContext() ?? null
  }

  /** What an attempt that was given up still receives is not told to anyone. */
  metadataReceived(attempt: CallAttempt, metadata: Metadata): void {
    if (attempt === this.#attempt) this.#received(() => this.#listener.onReceiveMetadata(metadata))
  }

  messageReceived(attempt: CallAttempt, message: unknown): void {
    if (attempt === this.#attempt) this.#received(() => this.#listener.onReceiveMessage(message))
  }

  ended(attempt: CallAttempt, status: EndedStatus): void {
    if (attempt === this.#attempt && status.code !== Code.OK && this.#host.isToBlame(status)) {
      this.#lost(attempt, status)
      return
    }
    if (attempt === this.#attempt) this.#end(status)
    attempt.done()
  }

  /** Its channel is closed. One that is with a provider may finish there. */
  channelClosed(status: EndedStatus): void {
    this.#endWith(status)
  }

  #begin(): void {
    const { method } = this.#description
    const options = { idempotent: this.#host.isIdempotent(method) }
    if (!this.#host.isReady) this.#giveUp = new AbortController()
    const run = this.#host.run(
      (channel, { attempt }) => this.#try(channel, attempt),
      this.#giveUp ? { ...options, signal: this.#giveUp.signal } : options,
    )
    if (!this.#attempt) this.#wait()
    run.catch((error) => this.#failed(error))
  }

  /** One attempt on the provider of `channel`. */
  #try(channel: Channel, number: number): Promise<void> {
    // One that its time limit has given up.
    this.#attempt?.call.cancelWithStatus(Code.CANCELLED, 'this attempt was given up')
    this.#attempt = undefined
    return new Promise((resolve, reject) => {
      const start = () => {
        if (this.#isOver) resolve()
        else if (channel.getConnectivityState(false) === connectivityState.SHUTDOWN) reject(closedMeanwhile())
        else this.#startOn(channel, { resolve, reject })
      }
      const isFirst = number === 1 && !this.#host.waiting.has(this)
      if (isFirst) return start()
      const heldMs = this.#notBefore - Date.now()
      if (heldMs > 0) setTimeout(start, heldMs)
      else this.#host.pace(start)
    })
  }

  #startOn(channel: Channel, settle: ConstructorParameters<typeof CallAttempt>[2]): void {
    const { method, host } = this.#description
    // The parent is heeded here, also while no provider is connected.
    const call = channel.createCall(method, this.#deadline, host, null, null)
    if (this.#credentials) call.setCredentials(this.#credentials)
    const attempt = new CallAttempt(call, this, settle)
    this.#attempt = attempt
    this.#waitNoMore()
    call.start(this.#metadata, attempt)
    if (this.#isReadAsked) call.startRead()
    this.#outbox.sendOn(call)
  }

  /** It is for the run to say what follows; nothing does, if the caller was told or the server wants no other try. */
  #lost(attempt: CallAttempt, status: EndedStatus): void {
    const heldMs = pushbackMs(status)
    if (this.#isCommitted || heldMs === Number.POSITIVE_INFINITY) this.#end(status)
    this.#attempt = undefined
    this.#held = []
    this.#wait()
    this.#notBefore = Date.now() + heldMs
    attempt.failed(new CallError(status))
  }

  /** The run has ended without a provider that could serve it. */
  #failed(error: unknown): void {
    if (this.#isOver) return
    // To wait for ready is to try for as long as nothing was sent, until the deadline.
    const isUnsent = error instanceof ExhaustedError && error.outcome === 'not-applied'
    if (isUnsent && this.#metadata.getOptions().waitForReady && !this.#host.closed) this.#begin()
    else this.#end(statusOf(error))
  }

  #received(tell: () => void): void {
    if (this.#hasOneReply) {
      this.#held.push(tell)
      return
    }
    this.#commit()
    tell()
  }

  #commit(): void {
    if (this.#isCommitted) return
    this.#isCommitted = true
    this.#host.release(this.#outbox.keptBytes)
    this.#outbox.commit()
  }

  /** No provider has the call now: its deadline is ours to watch. */
  #wait(): void {
    if (this.#isOver) return
    this.#host.waiting.add(this)
    const ms = untilDeadline(this.#deadline)
    const expire = () =>
      this.#endWith({
        code: Code.DEADLINE_EXCEEDED,
        details: 'Deadline exceeded while no server was connected',
        metadata: new Metadata(),
      })
    if (ms < Number.POSITIVE_INFINITY) this.#timer = setTimeout(expire, ms)
  }

  #waitNoMore(): void {
    this.#host.waiting.delete(this)
    clearTimeout(this.#timer)
  }

  /** As grpc-js does: never while whoever called is still at it. */
  #endWith(status: EndedStatus): void {
    if (this.#isOver) return
    this.#over()
    this.#giveUp?.abort()
    process.nextTick(() => this.#listener?.onReceiveStatus(status))
  }

  #end(status: EndedStatus): void {
    this.#over()
    for (const tell of this.#held.splice(0)) tell()
    this.#listener.onReceiveStatus(status)
  }

  #over(): void {
    this.#isOver = true
    this.#commit()
    this.#outbox.clear()
    this.#waitNoMore()
    this.#forgetParent?.()
  }

  #heedParent(): void {
    const { parent, flags } = this.#description
    if (!parent || !((flags ?? propagate.DEFAULTS) & propagate.CANCELLATION)) return
    const cancel = () => this.cancelWithStatus(Code.CANCELLED, 'Cancelled by parent call')
    parent.on('cancelled', cancel)
    this.#forgetParent = () => parent.off('cancelled', cancel)
    if (parent.cancelled) cancel()
  }
}

/** It waited for its turn, and the channel was closed. */
function closedMeanwhile(): CallError {
  return new CallError({
    code: Code.UNAVAILABLE,
    details: 'the channel was closed before the call began',
    [origin]: 'unsent',
  })
}
