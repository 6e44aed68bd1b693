import { setTimeout as pause } from 'node:timers/promises'
import type { TestServer } from '../conformance/description.ts'
import { waitFor } from '../wait-for.ts'
import type { LedgerFault, Struck } from './faults.ts'
import type { Strike } from './script.ts'

/** Plays a script of faults on the providers: no two at the same time on one of them. */
export class Trouble<Server extends TestServer> {
  /** How often each fault struck. */
  readonly struck: Record<string, number>
  readonly #faults: readonly LedgerFault<Server>[]
  readonly #providers: readonly Struck<Server>[]
  readonly #busy = new Set<Struck<Server>>()
  readonly #healing: Promise<void>[] = []
  readonly #failures: Error[] = []
  /** Where the current provider stands in the list. */
  readonly #current: () => number

  constructor(faults: readonly LedgerFault<Server>[], providers: readonly Struck<Server>[], current: () => number) {
    this.#faults = faults
    this.#providers = providers
    this.#current = current
    this.struck = Object.fromEntries(faults.map(({ name }) => [name, 0]))
  }

  /**
   * Resolves when the last fault is healed. It stops early, and heals, when the signal aborts.
   *
   * @throws Error if a fault could not be done or healed
   */
  async play(script: readonly Strike[], signal: AbortSignal): Promise<void> {
    for (const strike of script) {
      await pause(strike.afterMs)
      const target = await this.#target(strike.offset)
      if (signal.aborted) break
      this.#busy.add(target)
      this.#healing.push(this.#strike(strike, target, signal))
    }
    await Promise.all(this.#healing)
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  /** The provider that is meant, or the next one that nothing strikes now. */
  async #target(offset: number): Promise<Struck<Server>> {
    const isFree = (): boolean => this.#busy.size < this.#providers.length
    await waitFor(isFree, { what: 'one of the faults to be healed', timeoutMs: 60_000 }) // to restart one may take 30 s
    const first = this.#current() + offset
    const inOrder = this.#providers.map((_, index) => this.#providers[(first + index) % this.#providers.length])
    return inOrder.find((each) => each !== undefined && !this.#busy.has(each)) as Struck<Server>
  }

  async #strike({ fault: name, lastsMs }: Strike, target: Struck<Server>, signal: AbortSignal): Promise<void> {
    const fault = this.#faults.find((each) => each.name === name) as LedgerFault<Server>
    try {
      await fault.strike(target)
      this.struck[name] = (this.struck[name] ?? 0) + 1
      if (!fault.heal) return
      await pause(lastsMs, undefined, { signal }).catch(() => {})
      await fault.heal(target)
    } catch (cause) {
      const { host, port } = target.server
      this.#failures.push(new Error(`the fault "${name}" at ${host}:${port} went wrong: ${cause}`, { cause }))
    } finally {
      this.#busy.delete(target)
    }
  }
}
