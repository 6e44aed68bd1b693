import { figureOf, units } from '../report/figure.ts'
import type { Line, Panel, Plot } from '../report/plot.ts'
import type { FailoverTable } from './measure.ts'
import { scenarios } from './scenarios.ts'
import type { Outcome } from './trial.ts'

export function plotOf({ subjects }: FailoverTable): Plot {
  return {
    title: 'How long a failover takes',
    legend: [
      { tone: 'ours', text: 'first result after the fault' },
      { tone: 'later', text: 'last result; medians, with the least and the most; logarithmic' },
    ],
    panels: subjects.map(
      ({ name, outcomes }): Panel => ({
        title: name,
        unit: units.ms,
        lines: scenarios.map(({ label }, at) => lineOf(label, outcomes[at] ?? [])),
      }),
    ),
  }
}

/** Where there is one call only, its result is the first and the last. */
function lineOf(label: string, outcomes: readonly Outcome[]): Line {
  const first = { figure: figureOf(outcomes.map(({ firstMs }) => firstMs)), tone: 'ours' } as const
  const last = { figure: figureOf(outcomes.map(({ lastMs }) => lastMs)), tone: 'later' } as const
  return { label, points: first.figure.median === last.figure.median ? [first] : [first, last] }
}
