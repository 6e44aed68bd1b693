import type { Account } from './account.ts'
import type { Fault, Side, Stage } from './scenario.ts'
import type { Say } from './timeline/timeline.ts'

/** What the acts of the script work with. */
export interface Scene {
  readonly stage: Stage
  /** One for each side. */
  readonly accounts: readonly Account[]
  /** The faults there are now, by provider. */
  readonly faults: Map<string, Fault>
  readonly say: Say
  /** Aborts when the show is to end early. */
  readonly signal: AbortSignal
}

/** The provider that a side is connected to as `state` says. */
export function providerOf({ roundRobin }: Side, state: 'current' | 'spare'): string | undefined {
  return roundRobin.providers.find((each) => each.state === state)?.provider
}

/** Takes effect before it returns, as far as the fault does. */
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
