import type { connectivityState } from '@grpc/grpc-js'
import type { RoundRobin } from '@tourniquet/core'
import { untilDeadline } from './call-limits.ts'

type State = connectivityState

interface Watcher {
  readonly from: State
  readonly callback: (error?: Error) => void
  readonly timer: NodeJS.Timeout | undefined
}

/** Those who wait for another connectivity state. Nothing is listened to where nobody waits. */
export class StateWatchers {
  readonly #rr: Pick<RoundRobin<unknown, unknown>, 'on'>
  readonly #state: () => State
  readonly #watchers = new Set<Watcher>()
  #forget: (() => void)[] = []

  constructor(rr: Pick<RoundRobin<unknown, unknown>, 'on'>, state: () => State) {
    this.#rr = rr
    this.#state = state
  }

  add(from: State, deadline: Date | number, callback: (error?: Error) => void): void {
    const ms = untilDeadline(deadline)
    const expire = () => this.#tell(watcher, new Error('Deadline passed without connectivity state change'))
    const timer = ms < Number.POSITIVE_INFINITY ? setTimeout(expire, ms) : undefined
    const watcher = { from, callback, timer }
    this.#watchers.add(watcher)
    if (this.#state() !== from) process.nextTick(() => this.changed()) // it has changed since he looked
    if (this.#forget.length > 0) return
    const changed = () => this.changed()
    this.#forget = (['connect', 'fail', 'failover', 'close'] as const).map((event) => this.#rr.on(event, changed))
  }

  changed(): void {
    if (this.#watchers.size === 0) return
    const state = this.#state()
    for (const watcher of [...this.#watchers]) if (watcher.from !== state) this.#tell(watcher)
  }

  #tell(watcher: Watcher, error?: Error): void {
    if (!this.#watchers.delete(watcher)) return
    clearTimeout(watcher.timer)
    if (this.#watchers.size === 0) for (const forget of this.#forget.splice(0)) forget()
    watcher.callback(error)
  }
}
