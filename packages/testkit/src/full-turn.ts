import { setImmediate as nextCheck } from 'node:timers/promises'

/** Resolves after every phase of the event loop has come once, whichever it is called in. */
export async function fullTurn(): Promise<void> {
  await nextCheck()
  await nextCheck()
}
