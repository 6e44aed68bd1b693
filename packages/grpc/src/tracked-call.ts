import { type CallCredentials, status as Code, type Metadata, type StatusObject } from '@grpc/grpc-js'
import type { AuthContext, Call, CallListener, MessageContext } from './call.ts'
import { type EndedStatus, isAnswer, type Origin, origin } from './origin.ts'

/** What a call needs of the channel that it is on. */
export interface CallOwner {
  readonly target: string
  began(call: TrackedCall): void
  ended(call: TrackedCall, how: Origin): void
}

/** A call on one provider: it passes everything on, and knows who ended it. */
export class TrackedCall implements Call, CallListener {
  readonly #call: Call
  readonly #owner: CallOwner
  #listener: CallListener | undefined
  #endedBy: 'caller' | 'engine' | undefined
  #isAnswered = false

  constructor(call: Call, owner: CallOwner) {
    this.#call = call
    this.#owner = owner
  }

  start(metadata: Metadata, listener: CallListener): void {
    this.#listener = listener
    this.#owner.began(this)
    this.#call.start(metadata, this)
  }

  sendMessageWithContext(context: MessageContext, message: Buffer): void {
    this.#call.sendMessageWithContext(context, message)
  }

  startRead(): void {
    this.#call.startRead()
  }

  halfClose(): void {
    this.#call.halfClose()
  }

  cancelWithStatus(code: Code, details: string): void {
    this.#endedBy ??= 'caller'
    this.#call.cancelWithStatus(code, details)
  }

  /** Ends it since its channel is closed. */
  cut(details: string): void {
    this.#endedBy ??= 'engine'
    this.#call.cancelWithStatus(Code.UNAVAILABLE, details)
  }

  getPeer(): string {
    return this.#call.getPeer()
  }

  getCallNumber(): number {
    return this.#call.getCallNumber()
  }

  setCredentials(credentials: CallCredentials): void {
    this.#call.setCredentials(credentials)
  }

  getAuthContext(): AuthContext {
    return this.#call.getAuthContext?.() ?? null // grpc-js 1.13 has none
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#isAnswered = true
    this.#listener?.onReceiveMetadata(metadata)
  }

  onReceiveMessage(message: unknown): void {
    this.#listener?.onReceiveMessage(message)
  }

  onReceiveStatus(status: StatusObject): void {
    if (status.code === Code.OK) {
      this.#owner.ended(this, 'server')
      this.#listener?.onReceiveStatus(status)
      return
    }
    const how = this.#origin(status)
    this.#owner.ended(this, how)
    const ended: EndedStatus = { ...status, [origin]: how }
    this.#listener?.onReceiveStatus(ended)
  }

  #origin(status: StatusObject): Origin {
    if (isAnswer(status)) return 'server'
    if (this.#endedBy) return this.#endedBy
    if (status.code === Code.DEADLINE_EXCEEDED && !this.#isAnswered) return 'deadline'
    // Only a call with a stream has the address of a peer.
    return this.getPeer() === this.#owner.target ? 'unsent' : 'local'
  }
}
