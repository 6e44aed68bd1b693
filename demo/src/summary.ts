import { ofSide } from './account.ts'
import type { Leftovers } from './clear-up.ts'
import type { Ended } from './ending.ts'
import { type Gain, gainOf } from './gain.ts'
import { without } from './ledger.ts'
import type { Scenario } from './scenario.ts'
import { type Kept, type SideSummary, summarizeSide } from './side-summary.ts'

/** What `--json` prints, and the table shows. */
export interface Summary extends Ended {
  readonly scenario: string
  readonly seconds: number
  readonly sides: readonly SideSummary[]
  /** What standby gained, where there is a side without and one with it. */
  readonly gain?: Gain
  /** The promises that broke, on whichever side. */
  readonly broken: readonly string[]
}

export interface Findings extends Leftovers {
  readonly scenario: Pick<Scenario, 'name'>
  readonly signal: AbortSignal
  readonly playedMs: number
  readonly accounts: readonly Kept[]
}

export function summarize({ scenario, signal, playedMs, accounts, executed, connectionsLeft }: Findings): Summary {
  const sides = accounts.map((account) => {
    const others = accounts.filter((other) => other !== account).flatMap(({ calls }) => calls.all)
    return summarizeSide({ ...account, executed: without(executed, others) })
  })
  const gain = gainOf(sides)
  return {
    scenario: scenario.name,
    seconds: Math.round(playedMs / 100) / 10,
    interrupted: signal.aborted,
    sides,
    ...(gain && { gain }),
    broken: [
      ...sides.flatMap((side) => side.broken.map((complaint) => ofSide(side, complaint))),
      ...(connectionsLeft > 0 ? [`G7 broken: ${connectionsLeft} connections are open after close()`] : []),
    ],
  }
}
