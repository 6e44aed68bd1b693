import type { Socket } from 'node:net'
import { Listener } from './listener.ts'
import type { ListenerPlan, ListenFailure } from './plan.ts'
import type { Plane } from './plane.ts'

/** The addresses that a data thread listens on. */
export class Listeners {
  readonly #plane: Plane
  readonly #reusePort: boolean
  readonly #all = new Map<string, Listener>()
  /** Who has come to one that is not open yet: unread, until a plan opens it. */
  readonly #held = new Map<Listener, Socket[]>()

  constructor(plane: Plane, reusePort: boolean) {
    this.#plane = plane
    this.#reusePort = reusePort
  }

  /** Listeners that stay are not touched: not one connection on its way in is lost. */
  async apply(plans: readonly ListenerPlan[]): Promise<ListenFailure[]> {
    // A path is one file: only one thread can listen there.
    const own = plans.filter(({ bind }) => this.#plane.thread === 0 || 'port' in bind.at)
    this.#closeAllBut(new Set(own.map(({ key }) => key)))
    const failures: (ListenFailure | undefined)[] = []
    for (const plan of own) failures.push(await this.#set(this.#listenerFor(plan), plan))
    return failures.filter((failure) => failure !== undefined)
  }

  /** Keeps who has come to a listener that is not open yet. */
  holds(listener: Listener, socket: Socket): boolean {
    return this.#held.get(listener)?.push(socket) !== undefined
  }

  close(): void {
    this.#closeAllBut(new Set())
  }

  #closeAllBut(wanted: ReadonlySet<string>): void {
    for (const [key, listener] of this.#all) {
      if (wanted.has(key)) continue
      this.#all.delete(key)
      listener.close()
      for (const socket of this.#held.get(listener) ?? []) socket.destroy()
      this.#held.delete(listener)
    }
  }

  #listenerFor(plan: ListenerPlan): Listener {
    const known = this.#all.get(plan.key)
    known?.update(plan)
    const listener = known ?? new Listener(plan, this.#plane, this.#reusePort)
    this.#all.set(plan.key, listener)
    return listener
  }

  async #set(listener: Listener, { state }: ListenerPlan): Promise<ListenFailure | undefined> {
    if (state === 'held') this.#held.set(listener, this.#held.get(listener) ?? [])
    else this.#letIn(listener)
    if (state !== 'closed') return await listener.tryOpen()
    listener.close()
    return undefined
  }

  #letIn(listener: Listener): void {
    const sockets = this.#held.get(listener) ?? []
    this.#held.delete(listener)
    for (const socket of sockets) this.#plane.accept(socket, listener)
  }
}
