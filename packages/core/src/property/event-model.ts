import type { Events } from '../index.ts'
import { type LinkRecord, name, type Reason } from './records.ts'

type Kind = 'fault' | 'manual' | 'failback' | 'removed' | 'close'

/** Why, as far as can be told where two things happen in one moment. */
function kindOf(reason: Reason | Events['failover']['reason']): Kind {
  return reason === 'error' || reason === 'lost' || reason === 'probe' || reason === 'timeout' ? 'fault' : reason
}

/** Which events there should be, and which there were. */
export class EventModel {
  failovers = 0
  /** What `fail` has told of, and how often. */
  readonly #told = new Map<unknown, number>()
  /** What it must tell of, once. */
  readonly #mustTell = new Map<unknown, LinkRecord>()
  /** How often each provider was told to be up, less how often one of its services was used. */
  readonly #connects = new Map<string, number>()
  #left: { readonly provider: string; readonly kinds: readonly Kind[] } | undefined

  /** A service is the current one or the spare, perhaps again. */
  used(link: LinkRecord): void {
    if (!link.isUsed) this.#count(link.provider, -1)
    link.isUsed = true
  }

  connected({ provider = '' }: Events['connect']): void {
    this.#count(provider, 1)
  }

  /** Whether one of its services was told to be up, and has not been seen to be used. */
  isAhead(provider: string): boolean {
    return (this.#connects.get(provider) ?? 0) > 0
  }

  left({ provider, blame }: LinkRecord, reason: Reason): void {
    this.#left = { provider, kinds: [kindOf(reason)] }
    if (blame && (!blame.certain || kindOf(reason) !== 'fault')) this.mix()
  }

  /** Something else may have been the reason. */
  mix(): void {
    if (this.#left) this.#left = { ...this.#left, kinds: ['fault', 'manual', 'failback', 'removed'] }
  }

  /** Returns what is wrong with the event. */
  movedTo(current: LinkRecord | undefined, { from, to, reason }: Events['failover']): string | undefined {
    this.failovers++
    const isRight = this.#left?.provider === from && current?.provider === to
    return isRight && this.#left?.kinds.includes(kindOf(reason)) ? undefined : `${from} > ${to} (${reason})`
  }

  failed({ error }: Pick<Events['fail'], 'error'>): void {
    this.#told.set(error, (this.#told.get(error) ?? 0) + 1)
  }

  mustTell(error: unknown, of: LinkRecord): void {
    this.#mustTell.set(error, of)
  }

  /** What was removed is not told of. */
  removed(link: LinkRecord): void {
    for (const [error, of] of this.#mustTell) if (of === link) this.#mustTell.delete(error)
  }

  /** Everything is closed: nothing must be told any more. */
  end(): void {
    this.#mustTell.clear()
  }

  /** What is wrong, when everything has settled. */
  *wrong(): Generator<string> {
    for (const [provider, more] of this.#connects) {
      if (more !== 0) yield `${provider} has ${Math.abs(more)} connect events too ${more > 0 ? 'many' : 'few'}`
    }
    for (const [error, of] of this.#mustTell) {
      const times = this.#told.get(error) ?? 0
      if (times !== 1) yield `${name(of)} has ${times} fail events: ${error}`
    }
    this.#mustTell.clear()
  }

  #count(provider: string, by: number): void {
    this.#connects.set(provider, (this.#connects.get(provider) ?? 0) + by)
  }
}
