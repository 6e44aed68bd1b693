import type { Figure } from '../report/figure.ts'
import type { RowId } from './rows.ts'

/** What was found for one row. */
export interface Measured {
  /** By contender; one that cannot be measured this way is not in it. */
  readonly figures: Readonly<Record<string, Figure>>
  /** What a call of that takes which the others are held against, in nanoseconds. */
  readonly baseNs?: number
}

/** The whole first table. */
export interface CostTable {
  readonly environment: string
  readonly rounds: number
  /** All who were measured, and in which configuration. */
  readonly contenders: readonly { readonly name: string; readonly how: string; readonly version?: string }[]
  readonly rows: Readonly<Record<RowId, Measured>>
}
