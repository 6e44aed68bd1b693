const listeners = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

/** Our one listener on any signal. */
function notify(this: AbortSignal): void {
  for (const listener of [...(listeners.get(this) ?? [])]) listener(this.reason)
}

/**
 * Calls `listener` when `signal` aborts; returns what undoes that. However many runs share a signal, it has one listener
 * of ours, and none when no run is left: a signal may live as long as the process.
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const own = listeners.get(signal) ?? new Set()
  listeners.set(signal, own.add(listener))
  signal.addEventListener('abort', notify) // once, however often it is added
  return () => {
    own.delete(listener)
    if (own.size === 0) signal.removeEventListener('abort', notify)
  }
}
