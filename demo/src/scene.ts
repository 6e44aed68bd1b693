import { waitFor } from '@tourniquet/testkit'
import type { Recoveries } from './recovery.ts'
import type { Fault, Stage } from './scenario.ts'
import type { Say } from './timeline/timeline.ts'

/** What the acts of the script work with. */
export interface Scene {
  readonly stage: Stage
  readonly recoveries: Recoveries
  /** The faults there are now, by provider. */
  readonly faults: Map<string, Fault>
  readonly say: Say
  /** Aborts when the show is to end early. */
  readonly signal: AbortSignal
}

export function currentOf({ roundRobin }: Stage): string | undefined {
  return roundRobin.providers.find(({ state }) => state === 'current')?.provider
}

/** Resolves to the current provider as soon as there is one; to undefined if the show ends before. */
export function untilCurrent({ stage, signal }: Scene): Promise<string | undefined> {
  return unlessEnded(signal, () => waitFor(() => currentOf(stage), { what: 'a provider to be current', signal }))
}

export async function strike(scene: Scene, fault: Fault, provider: string): Promise<void> {
  scene.faults.set(provider, fault)
  await unlessEnded(scene.signal, () => fault.strike(provider))
}

export async function lift(scene: Scene, fault: Fault, provider: string): Promise<void> {
  await unlessEnded(scene.signal, () => fault.lift(provider))
  scene.faults.delete(provider)
}

/** Ctrl-C in a terminal reaches the providers too: what fails after it is no wonder, and comes to nothing. */
export async function unlessEnded<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
