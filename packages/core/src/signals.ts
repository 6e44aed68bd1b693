/** The one listener that we have on a signal, and the runs it speaks for. */
interface Watch {
  readonly runs: Set<(reason: unknown) => void>
  readonly stop: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

function watch(signal: AbortSignal): Watch {
  const runs = new Set<(reason: unknown) => void>()
  const notify = () => {
    for (const run of [...runs]) run(signal.reason)
  }
  signal.addEventListener('abort', notify)
  return { runs, stop: () => signal.removeEventListener('abort', notify) }
}

/**
 * Calls `listener` when `signal` aborts; returns what undoes that. However many runs share a signal, it has one listener
 * of ours, and none when no run is left: a signal may live as long as the process.
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const watching = watches.get(signal) ?? watch(signal)
  watches.set(signal, watching)
  watching.runs.add(listener)
  return () => {
    if (!watching.runs.delete(listener) || watching.runs.size > 0) return
    watching.stop()
    watches.delete(signal)
  }
}
