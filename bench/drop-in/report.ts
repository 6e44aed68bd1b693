import { units, written } from '../report/figure.ts'
import { tableOf } from '../report/markdown.ts'
import type { DropInTable, Row } from './measure.ts'

const header = ['', 'way', 'time', 'over the first', 'goal', 'succeeded']

/** The third table as Markdown: one for each drop-in. */
export function report({ environment, effort, subjects }: DropInTable): string {
  return [
    `${environment}; medians of ${effort.rounds} interleaved rounds of 200 calls (3 where a call is 5,000 jobs), and of ${effort.bursts} interleaved kills, each the quicker of two, in brackets the least and the most.`,
    ...subjects.flatMap(({ name, rows }) => [`**${name}**`, tableOf(header, rows.map(cellsOf)), ...missed(rows)]),
  ].join('\n\n')
}

function cellsOf({ what, way, ms, ratio, goal, succeeded }: Row, at: number, rows: readonly Row[]): string[] {
  const isFirst = rows[at - 1]?.what !== what
  return [
    isFirst ? what : '',
    way,
    written(ms, units.ms),
    isFirst ? '' : written(ratio, units.times),
    goal === undefined ? '' : `≤ ${units.times.full(goal)}`,
    succeeded === undefined ? '' : succeeded.toLocaleString('en'),
  ]
}

function missed(rows: readonly Row[]): string[] {
  const over = rows.filter(({ goal, ratio }) => goal !== undefined && ratio.median > goal)
  return over.map(({ what, way, ratio, goal = 0 }) => {
    return `Missed: ${what}, ${way}: ${units.times.full(ratio.median)}, where the goal is ${units.times.full(goal)}.`
  })
}
