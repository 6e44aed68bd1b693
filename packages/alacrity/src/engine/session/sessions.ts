import type { Session } from './session.ts'

/**
 * All sessions of a thread. Not a `Set`: one whose members come and go by thousands gets a new table again and again, to
 * which the old one refers. An old table that is garbage in the old generation so keeps the next one, and all that was in
 * it: the garbage collector copied most of what had ended, and stood still for 20 ms.
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
