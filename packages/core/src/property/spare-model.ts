import { FailbackModel } from './failback-model.ts'
import { hasSpare, type Scenario, timesOf } from './plan.ts'
import type { LinkRecord } from './records.ts'
import type { RingModel } from './ring-model.ts'
import { StandbyModel } from './standby-model.ts'

/** What the contract says of the second link, of which there is one at most. */
export class SpareModel {
  /** Whether there may be one without an operator's doing. */
  readonly isOn: boolean
  readonly standby: StandbyModel
  readonly failback: FailbackModel
  /** Up beside the current service; or, while the ring rests, instead of one. */
  link: LinkRecord | undefined
  /** Its provider was removed, or the current one's was and this is not the first: then it must go. */
  isDoomed = false
  readonly #ring: RingModel

  constructor({ options }: Scenario, ring: RingModel) {
    const { backoffMs, failback } = timesOf(options)
    this.#ring = ring
    this.isOn = hasSpare(options)
    this.standby = new StandbyModel(options.standby ?? false, backoffMs)
    this.failback = new FailbackModel(failback)
  }

  /** Another service is current, or the list is another. */
  renew(current: LinkRecord, isNewList: boolean): void {
    this.standby.renew(current.provider, this.#ring)
    if (isNewList) this.failback.changed()
    else this.failback.renew()
  }

  /** Who may have `provider` dialled beside `current` now. */
  whoDials(provider: string, current: LinkRecord): 'standby' | 'failback' | undefined {
    const { link, standby, failback } = this
    if (!link && standby.allows(provider, current.provider, this.#ring)) return 'standby'
    const isProving = link && this.wants(link, current) === 'yes'
    if (isProving || !failback.allows(provider, current.provider, this.#ring)) return undefined
    standby.share()
    return 'failback'
  }

  /** Whether failback would go to `link`. */
  wants(link: LinkRecord, current: LinkRecord): 'no' | 'maybe' | 'yes' {
    return this.failback.wants(link.provider, current.provider, this.#ring)
  }

  /** Whether somebody needs `link`, be it a dial under way or what has just opened, beside `current`. */
  mayKeep(link: LinkRecord, current: LinkRecord): 'no' | 'maybe' | 'yes' {
    if (link.provider === current.provider) return 'no'
    if (this.standby.isOn && !this.link) return 'yes'
    const wanted = this.wants(link, current)
    // Which of two earlier ones is kept is left open.
    return wanted === 'yes' && this.link && this.wants(this.link, current) !== 'no' ? 'maybe' : wanted
  }

  /** Whether the spare may give its place to `link`. */
  mayReplace(link: LinkRecord, current: LinkRecord | undefined): boolean {
    return !current || this.wants(link, current) !== 'no'
  }

  mayTake(current: LinkRecord): boolean {
    return this.link !== undefined && this.failback.mayTake(this.link, current.provider, this.#ring)
  }

  /** It is not the spare any more. `isLost`: it did not last. */
  ended(isLost: boolean): void {
    if (isLost && this.link) this.standby.lost(this.link.provider)
    this.link = undefined
    this.isDoomed = false
    this.failback.changed()
  }
}
