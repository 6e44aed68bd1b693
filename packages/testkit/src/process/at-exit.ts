const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

const BRAND = Symbol.for('@tourniquet/testkit: at exit')

const duties = new Set<() => void>()

/**
 * Runs `duty` when this process exits, also when a signal ends it: test runners end their workers
 * with SIGTERM, which by itself emits no `exit`. Returns the function that takes the duty back.
 * `duty` must be synchronous.
 */
export function atExit(duty: () => void): () => void {
  if (duties.size === 0) watch()
  duties.add(duty)
  return () => {
    if (duties.delete(duty) && duties.size === 0) unwatch()
  }
}

function watch(): void {
  process.on('exit', doDuties)
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

function unwatch(): void {
  process.off('exit', doDuties)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function onSignal(signal: NodeJS.Signals): void {
  if (!process.listeners(signal).every(isOurs)) return // somebody else decides whether the process ends
  doDuties()
  unwatch()
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

/** Also true of the listener of another copy of this module, as test runners load them. */
function isOurs(listener: object): boolean {
  return BRAND in listener
}

function doDuties(): void {
  // The youngest first: a program is killed before the folder it writes to is removed.
  for (const duty of [...duties].reverse()) {
    try {
      duty()
    } catch (error) {
      console.error(error)
    }
  }
  duties.clear()
}

Object.assign(onSignal, { [BRAND]: true })
