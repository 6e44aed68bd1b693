// The only file of the engine that touches the clock and the timers.

/** Milliseconds on a clock that never goes back, where the platform has one. */
export function now(): number {
  return (globalThis.performance ?? Date).now()
}

export interface Timer {
  /** Whether it keeps the process alive; it does until told otherwise. */
  hold(keepAlive: boolean): void
  cancel(): void
}

/**
 * Calls `due` one macrotask after `ms` milliseconds; never, if that is Infinity. The macrotask lets what arrived while
 * our own event loop was blocked be handled first, so that a stall of ours is not taken for a silent provider.
 *
 * @param isPatient - waits once more where our own event loop was blocked meanwhile: for what takes several turns of it,
 *   to be asked and to be answered
 */
export function after(ms: number, due: () => void, isPatient = false): Timer {
  if (ms === Number.POSITIVE_INFINITY) return noTimer
  let timer: ReturnType<typeof setTimeout> | undefined
  let isHeld = true
  let isCancelled = false
  let blockedAt = isPatient ? now() + ms + Math.max(20, ms / 4) : Number.POSITIVE_INFINITY
  const judge = () => isCancelled || due()
  const expire = () => {
    if (blockedAt < Number.POSITIVE_INFINITY && now() > blockedAt) {
      blockedAt = Number.POSITIVE_INFINITY
      begin()
    }
    // In Node an immediate runs after the poll for I/O, which a timer of 0 ms may precede.
    else if (typeof setImmediate === 'function') setImmediate(judge)
    else setTimeout(judge)
  }
  const hold = (keepAlive: boolean) => {
    isHeld = keepAlive
    timer?.[keepAlive ? 'ref' : 'unref']?.()
  }
  const begin = () => {
    timer = setTimeout(expire, ms)
    hold(isHeld)
  }
  begin()
  return {
    hold,
    cancel() {
      isCancelled = true
      clearTimeout(timer)
    },
  }
}

const noTimer: Timer = { hold() {}, cancel() {} }

/** Something under way that is given up after a time, or by whoever holds it. */
export interface Task<T> {
  /** Settles as the work does, or rejects with why it was given up; what the work does after that is ignored. */
  readonly promise: Promise<T>
  readonly timer: Timer
  /** Gives it up: the work's signal aborts. Does nothing once it has settled. */
  cancel(reason: unknown): void
}

/** Starts `work` at once, and gives it up after `ms` with the error that `expired` makes. */
export function task<T>(
  ms: number,
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  expired: () => unknown,
): Task<T> {
  const controller = new AbortController()
  let timer!: Timer
  let cancel!: (reason: unknown) => void
  const promise = new Promise<T>((resolve, reject) => {
    let isOpen = true
    const settle =
      <V>(how: (value: V) => void) =>
      (value: V) => {
        if (!isOpen) return
        isOpen = false
        timer.cancel()
        how(value)
      }
    cancel = settle((reason) => {
      reject(reason)
      controller.abort(reason)
    })
    timer = after(ms, () => cancel(expired()), true)
    // One microtask later: what starts it holds it by then, and can give it up.
    const running = Promise.resolve().then(() => isOpen && work(controller.signal)) as Promise<T>
    running.then(settle(resolve), settle(reject))
  })
  return { promise, timer, cancel }
}
