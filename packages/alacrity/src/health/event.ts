import type { Health } from './contract.ts'

/** What a watch has to say. */
export interface HealthEvent {
  readonly health: Health
  /** A check, losses that `observe` counted, or `force()`. */
  readonly cause: 'check' | 'observe' | 'command'
  /** Its status before. */
  readonly before: Health['status']
  /** The status is another one now. */
  readonly changed: boolean
  /** The check says something new: another word, or one step up or down. What `log-health-checks` logs. */
  readonly isNews: boolean
}

/** The CSV's `chkfail`, `chkdown` and `hanafail`. */
export interface HealthCounts {
  readonly failed: number
  readonly downs: number
  readonly observed: number
}
