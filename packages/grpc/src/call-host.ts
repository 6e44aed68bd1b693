import type { Channel, Deadline } from '@grpc/grpc-js'
import type { ParentCall } from './call.ts'
import type { EndedStatus } from './origin.ts'

/** What `createCall` of a channel is told. */
export interface CallDescription {
  readonly method: string
  readonly deadline: Deadline
  readonly host: string | null | undefined
  readonly parent: ParentCall | null
  readonly flags: number | null | undefined
}

/** One attempt, on the channel of one provider. */
export type TryCall = (channel: Channel, context: { readonly attempt: number }) => Promise<void>

/** What a call needs of the channel it is made on. */
export interface CallHost {
  readonly target: string
  /** Whether a provider is connected. */
  readonly isReady: boolean
  readonly closed: EndedStatus | undefined
  /** Whether the status is its provider's fault. */
  isToBlame(status: EndedStatus): boolean
  run(method: string, attempt: TryCall, signal: AbortSignal | undefined): Promise<void>
  /** Starts an attempt that had to wait: many do so at the same time. */
  pace(start: () => void): void
  /** Whether so many bytes more may be kept to be sent again; if so they are. */
  keep(bytes: number, ofCall: number): boolean
  release(bytes: number): void
  /** No provider has the call, from now on: it is told if the channel is closed. */
  wait(call: Waiting): void
  waitNoMore(call: Waiting): void
  isWaiting(call: Waiting): boolean
}

/** A call that no provider has. */
export interface Waiting {
  channelClosed(status: EndedStatus): void
}
