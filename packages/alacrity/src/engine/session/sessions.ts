import type { Session } from './session.ts'

/**
 * All sessions of a thread. Not a `Set`: one whose members come and go by thousands gets new tables all the time, each old
 * one refers to the next, and so the garbage collector takes most of what has ended for alive, and copies it.
 */
export class Sessions implements Iterable<Session> {
  readonly #all: Session[] = []

  get size(): number {
    return this.#all.length
  }

  add(session: Session): void {
    session.place = this.#all.push(session) - 1
  }

  /** The last one takes its place. */
  delete(session: Session): void {
    const last = this.#all.pop() as Session
    if (last === session) return
    this.#all[session.place] = last
    last.place = session.place
  }

  /** Those that there are now: they may end meanwhile. */
  [Symbol.iterator](): Iterator<Session> {
    return [...this.#all].values()
  }
}
