import { figureOf, units, written } from '../report/figure.ts'
import { tableOf } from '../report/markdown.ts'
import type { FailoverTable } from './measure.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import type { Outcome } from './trial.ts'

const header = ['what happens to A', 'options', 'first result', 'last result', 'succeeded', 'dials to A', 'dials to B']

/** The second table as Markdown: one for each subject. */
export function report({ environment, trials, subjects }: FailoverTable): string {
  return [
    `${environment}; medians of ${trials} trials, in brackets the least and the most.`,
    ...subjects.flatMap(({ name, outcomes }) => [
      `**${name}**`,
      tableOf(
        header,
        scenarios.map((scenario, at) => rowOf(scenario, outcomes[at] ?? [])),
      ),
    ]),
  ].join('\n\n')
}

function rowOf({ label, options = {} }: Scenario, outcomes: readonly Outcome[]): string[] {
  const calls = Math.max(...outcomes.map(({ succeeded, failed }) => succeeded + failed)).toLocaleString('en')
  return [
    label,
    Object.entries(options)
      .map(([name, value]) => `\`${name}: ${value}\``)
      .join(', '),
    ...(['firstMs', 'lastMs'] as const).map((key) => written(figureOf(outcomes.map((each) => each[key])), units.ms)),
    `${count(outcomes, 'succeeded')} of ${calls}`,
    count(outcomes, 'dialsToA'),
    count(outcomes, 'dialsToB'),
  ]
}

/** A count that should be the same every time: if it is not, that shows. */
function count(outcomes: readonly Outcome[], key: 'succeeded' | 'dialsToA' | 'dialsToB'): string {
  const { min, max } = figureOf(outcomes.map((each) => each[key]))
  return min === max ? min.toLocaleString('en') : `${min.toLocaleString('en')}–${max.toLocaleString('en')}`
}
