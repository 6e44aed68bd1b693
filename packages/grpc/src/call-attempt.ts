import type { Metadata, StatusObject } from '@grpc/grpc-js'
import type { Call, CallListener } from './call.ts'
import type { EndedStatus } from './origin.ts'

/** What an attempt tells the call that it belongs to. */
export interface AttemptOwner {
  metadataReceived(attempt: CallAttempt, metadata: Metadata): void
  messageReceived(attempt: CallAttempt, message: unknown): void
  ended(attempt: CallAttempt, status: EndedStatus): void
}

/** A call on one provider. */
export class CallAttempt implements CallListener {
  readonly call: Call
  readonly #owner: AttemptOwner
  readonly #settle: { resolve(): void; reject(error: unknown): void }

  constructor(call: Call, owner: AttemptOwner, settle: { resolve(): void; reject(error: unknown): void }) {
    this.call = call
    this.#owner = owner
    this.#settle = settle
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#owner.metadataReceived(this, metadata)
  }

  onReceiveMessage(message: unknown): void {
    this.#owner.messageReceived(this, message)
  }

  onReceiveStatus(status: StatusObject): void {
    this.#owner.ended(this, status)
  }

  /** The provider has done what it was asked, whatever it said. */
  done(): void {
    this.#settle.resolve()
  }

  /** The provider may be to blame. */
  failed(error: unknown): void {
    this.#settle.reject(error)
  }
}
