import { status as Code, type Deadline, propagate } from '@grpc/grpc-js'
import type { CallDescription } from './call-host.ts'

/**
 * What ends a call from outside: its deadline and its parent call. A call of grpc-js heeds both by itself; but while no
 * provider is connected there is none.
 */
export class CallLimits {
  readonly deadline: Deadline
  readonly #parent: CallDescription['parent']
  readonly #call: Cancellable
  #cancelled: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ deadline, parent, flags }: CallDescription, call: Cancellable) {
    const inherits = parent ? (flags ?? propagate.DEFAULTS) : 0
    const isInherited = parent !== null && (inherits & propagate.DEADLINE) !== 0
    this.deadline = isInherited ? earliest(deadline, parent.getDeadline()) : deadline
    this.#parent = inherits & propagate.CANCELLATION ? parent : null
    this.#call = call
  }

  /** From now on a cancelled parent call ends this one. */
  begin(): void {
    const parent = this.#parent
    if (!parent) return
    this.#cancelled = () => this.#call.cancelWithStatus(Code.CANCELLED, 'Cancelled by parent call')
    parent.on('cancelled', this.#cancelled)
    if (parent.cancelled) this.#cancelled()
  }

  /** No provider has the call: its deadline is ours to watch. */
  watchDeadline(): void {
    clearTimeout(this.#timer)
    const ms = untilDeadline(this.deadline)
    if (ms === Number.POSITIVE_INFINITY) return
    const details = 'Deadline exceeded while no server was connected'
    const expire = () => this.#call.cancelWithStatus(Code.DEADLINE_EXCEEDED, details)
    this.#timer = setTimeout(expire, ms)
  }

  /** A provider has it: its call of grpc-js knows the deadline. */
  leaveDeadline(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#cancelled) this.#parent?.off('cancelled', this.#cancelled)
  }
}

interface Cancellable {
  cancelWithStatus(code: Code, details: string): void
}

function earliest(one: Deadline, other: Deadline): Deadline {
  return Number(one) < Number(other) ? one : other
}

/** In milliseconds, for a timer: one that is too far away for that never comes. */
export function untilDeadline(deadline: Deadline): number {
  const ms = Number(deadline) - Date.now()
  return ms >= 2 ** 31 ? Number.POSITIVE_INFINITY : Math.max(0, ms)
}
