import { type CallCredentials, type Channel, status as Code, connectivityState, Metadata } from '@grpc/grpc-js'
import { ExhaustedError } from '@tourniquet/core'
import type { AuthContext, Call, CallListener, MessageContext } from './call.ts'
import { type AttemptOwner, CallAttempt } from './call-attempt.ts'
import { type CallError, callError } from './call-error.ts'
import type { CallDescription, CallHost, Waiting } from './call-host.ts'
import { CallLimits } from './call-limits.ts'
import { type EndedStatus, origin } from './origin.ts'
import { Outbox } from './outbox.ts'
import { type FailoverStatus, statusOf } from './status-of.ts'
import { pushbackMs } from './verdict.ts'

/** A call of a channel that fails over: the provider may change until the first one has answered. */
export class FailoverCall implements Call, AttemptOwner, Waiting {
  readonly #host: CallHost
  readonly #description: CallDescription
  readonly #limits: CallLimits
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
  /** Its reply was asked for before anything was sent. */
  #isReadFirst = false
  /**
   * The clients of grpc-js start a unary call, ask for its reply, send its request and close it in one breath, and no
   * other kind; and they look at the reply when its status is there. It is held back until then, so that a reply that was
   * lost half-way can be asked for again. What a stream sends, somebody may wait for.
   */
  #isUnary = false
  #held: (() => void)[] = none
  /** Aborts the run, where nobody is connected when the call begins. */
  #abort: AbortController | undefined
  /** A server has asked to be left alone until then. */
  #notBefore = 0

  constructor(host: CallHost, description: CallDescription) {
    this.#host = host
    this.#description = description
    this.#limits = new CallLimits(description, this)
  }

  start(metadata: Metadata, listener: CallListener): void {
    this.#metadata = metadata.clone()
    this.#listener = listener
    this.#isStarting = true
    process.nextTick(() => {
      this.#isStarting = false
    })
    if (!this.#isOver) this.#limits.begin()
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
    this.#isReadFirst ||= this.#isStarting && this.#outbox.isEmpty
    this.#isReadAsked = true
    this.#attempt?.call.startRead()
  }

  halfClose(): void {
    this.#isUnary = this.#isStarting && this.#isReadFirst
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
    if (!this.#host.isReady) this.#abort = new AbortController()
    const { method } = this.#description
    const run = this.#host.run(method, (channel, { attempt }) => this.#try(channel, attempt), this.#abort?.signal)
    if (!this.#attempt) this.#wait()
    run.catch((error) => this.#failed(error))
  }

  /** One attempt on the provider of `channel`. */
  #try(channel: Channel, number: number): Promise<void> {
    // One that was answered is not begun anew: what becomes of it, its own status says.
    if (this.#isCommitted && this.#attempt) return Promise.resolve()
    this.#giveUpAttempt()
    return new Promise((resolve, reject) => {
      const start = () => {
        if (this.#isOver) resolve()
        else if (channel.getConnectivityState(false) === connectivityState.SHUTDOWN) reject(closedMeanwhile())
        else this.#startOn(channel, { resolve, reject })
      }
      const isFirst = number === 1 && !this.#host.isWaiting(this)
      if (isFirst) return start()
      const heldMs = this.#notBefore - Date.now()
      if (heldMs > 0) setTimeout(start, heldMs)
      else this.#host.pace(start)
    })
  }

  #startOn(channel: Channel, settle: ConstructorParameters<typeof CallAttempt>[2]): void {
    const { method, host } = this.#description
    // Of its parent it need not know: `#limits` does.
    const call = channel.createCall(method, this.#limits.deadline, host, null, null)
    if (this.#credentials) call.setCredentials(this.#credentials)
    const attempt = new CallAttempt(call, this, settle)
    this.#attempt = attempt
    this.#host.waitNoMore(this)
    this.#limits.leaveDeadline()
    call.start(this.#metadata, attempt)
    if (this.#isReadAsked) call.startRead()
    this.#outbox.sendOn(call)
  }

  /** It is for the run to say what follows; nothing does where the caller was told, or nobody wants another try. */
  #lost(attempt: CallAttempt, status: EndedStatus): void {
    const heldMs = pushbackMs(status)
    const isOver = this.#isCommitted || this.#host.closed || heldMs === Number.POSITIVE_INFINITY
    if (isOver) this.#end({ ...status, outcome: 'unknown' })
    this.#forgetAttempt()
    this.#wait()
    this.#notBefore = Date.now() + heldMs
    attempt.failed(callError(status))
  }

  /** The run has ended without a provider that could serve it. */
  #failed(error: unknown): void {
    if (this.#isOver) return
    this.#giveUpAttempt()
    // To wait for ready is to try for as long as nothing was sent, until the deadline.
    const isUnsent = error instanceof ExhaustedError && error.outcome === 'not-applied'
    if (isUnsent && this.#metadata.getOptions().waitForReady && !this.#host.closed) this.#begin()
    else this.#end(statusOf(error))
  }

  /** `attemptTimeoutMs` or `deadlineMs` has passed: it may still go on. */
  #giveUpAttempt(): void {
    const attempt = this.#attempt
    this.#forgetAttempt()
    attempt?.call.cancelWithStatus(Code.CANCELLED, 'it took longer than it may')
  }

  #forgetAttempt(): void {
    this.#attempt = undefined
    this.#held = none
    this.#outbox.leave()
  }

  #received(tell: () => void): void {
    if (this.#isUnary) {
      this.#held = [...this.#held, tell]
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

  #wait(): void {
    if (this.#isOver) return
    this.#host.wait(this)
    this.#limits.watchDeadline()
  }

  /** As grpc-js does: never while whoever called is still at it. */
  #endWith(status: EndedStatus): void {
    if (this.#isOver) return
    this.#over()
    this.#abort?.abort()
    process.nextTick(() => this.#listener?.onReceiveStatus(status))
  }

  #end(status: EndedStatus & Partial<FailoverStatus>): void {
    this.#over()
    for (const tell of this.#held) tell()
    this.#listener.onReceiveStatus(status)
  }

  #over(): void {
    this.#isOver = true
    this.#commit()
    this.#outbox.clear()
    this.#host.waitNoMore(this)
    this.#limits.end()
  }
}

const none: (() => void)[] = []

/** It waited for its turn, and the channel was closed. */
function closedMeanwhile(): CallError {
  return callError({
    code: Code.UNAVAILABLE,
    details: 'the channel was closed before the call began',
    [origin]: 'unsent',
  })
}
