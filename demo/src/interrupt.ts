const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const DOUBLE_PRESS_MS = 1_000

export interface Interruption {
  /** Aborts when the viewer wants it to end, or nobody reads the output any more. */
  readonly signal: AbortSignal
  /** Signals end the process again, as they do by default. */
  release(): void
}

/** Turns Ctrl-C into an abort, so that the show ends in order; pressed once more, it ends at once. */
export function untilInterrupted(output: NodeJS.WritableStream): Interruption {
  const controller = new AbortController()
  let firstAt: number | undefined
  const onSignal = () => {
    firstAt ??= performance.now()
    controller.abort()
    // Under npm one Ctrl-C arrives twice: from the terminal, and handed on by the process that started this one.
    if (performance.now() - firstAt > DOUBLE_PRESS_MS) process.exit(130)
  }
  const onOutputGone = () => controller.abort()
  for (const name of SIGNALS) process.on(name, onSignal)
  output.on('error', onOutputGone)
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal)
    },
  }
}
