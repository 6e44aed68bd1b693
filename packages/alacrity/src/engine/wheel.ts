/** A place in a list of the wheel. */
export class Timed {
  next: Timed = this
  previous: Timed = this

  /** Asked when its time may have come: returns when to ask again, in `now`'s time, or 0 for never. */
  due(_now: number): number {
    return 0
  }

  /** Not to be asked any more. */
  forget(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.next = this
    this.previous = this
  }
}

/** How exact a time-out is, in milliseconds. */
export const tickMs = 50

const size = 1_024

/**
 * A timer wheel: one interval for all connections of a thread. To set a time is to hang an object into a list; who has
 * been busy in the meantime is not moved, but asked again when its slot comes round.
 */
export class Wheel {
  /** The clock as of the last tick, in milliseconds: reading it costs nothing. */
  now: number = performance.now()
  readonly #slots: readonly Timed[] = Array.from({ length: size }, () => new Timed())
  readonly #timer: NodeJS.Timeout
  #tick = Math.floor(this.now / tickMs)

  constructor(onTick: (now: number) => void) {
    this.#timer = setInterval(() => {
      this.now = performance.now()
      this.#catchUp(Math.floor(this.now / tickMs))
      onTick(this.now)
    }, tickMs)
  }

  /** Has `timed` asked at `at`, or up to two ticks later; never before. */
  set(timed: Timed, at: number): void {
    if (timed.next !== timed) timed.forget()
    // What is further away than the wheel is round is asked earlier, and hung up again.
    const ahead = Math.min(size - 1, Math.max(1, Math.ceil(at / tickMs) - this.#tick))
    const head = this.#slots[(this.#tick + ahead) % size] as Timed
    timed.next = head
    timed.previous = head.previous
    head.previous.next = timed
    head.previous = timed
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #catchUp(tick: number): void {
    // After a long sleep once round is enough: it asks everybody.
    const last = Math.min(tick, this.#tick + size)
    for (let at = this.#tick + 1; at <= last; at++) {
      this.#tick = at
      this.#ask(this.#slots[at % size] as Timed)
    }
    this.#tick = tick
  }

  #ask(head: Timed): void {
    // Who is asked may forget itself or others: so each is taken off the list first.
    for (let left = countOf(head); left > 0 && head.next !== head; left--) {
      const timed = head.next
      timed.forget()
      const again = timed.due(this.now)
      if (again > 0) this.set(timed, again)
    }
  }
}

function countOf(head: Timed): number {
  let count = 0
  for (let each = head.next; each !== head; each = each.next) count++
  return count
}
