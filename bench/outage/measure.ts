import { environment } from '../report/environment.ts'
import { subjects } from './registry.ts'
import { scenarios } from './scenarios.ts'
import { type Outcome, trial } from './trial.ts'

/** The whole second table. */
export interface FailoverTable {
  readonly environment: string
  readonly trials: number
  readonly subjects: readonly {
    readonly name: string
    /** For each scenario, in their order, what each trial gave. */
    readonly outcomes: readonly (readonly Outcome[])[]
  }[]
}

/** Plays every scenario so many times for every subject; all of them in each round, so that a busy minute hits all. */
export async function measure(trials: number): Promise<FailoverTable> {
  const all = (await subjects()).map((subject) => ({ subject, outcomes: scenarios.map((): Outcome[] => []) }))
  for (let round = 0; round < trials; round++) {
    for (const { subject, outcomes } of all) {
      for (const [at, scenario] of scenarios.entries()) outcomes[at]?.push(await trial(subject, scenario))
    }
  }
  const measured = all.map(({ subject, outcomes }) => ({ name: subject.name, outcomes }))
  return { environment: environment(), trials, subjects: measured }
}
