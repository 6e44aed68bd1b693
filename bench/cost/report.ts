import { units, written } from '../report/figure.ts'
import { tableOf } from '../report/markdown.ts'
import type { CostTable } from './measured.ts'
import { type Row, type RowId, rowIds, rows } from './rows.ts'
import { shortfalls } from './shortfalls.ts'

const lines = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n')

/** The first table as Markdown, with what one must know to read it. */
export function report(table: CostTable): string {
  const names = table.contenders.map(({ name }) => name)
  const titles = table.contenders.map(({ name, version }) => (version ? `${name} ${version}` : name))
  const missed = shortfalls(table)
  return [
    `${table.environment}; medians of ${table.rounds} interleaved rounds, in brackets the least and the most.`,
    tableOf(
      ['', 'goal', ...titles],
      rowIds.map((id) => [labelOf(id, table), goalOf(rows[id]), ...names.map((name) => cell(id, name, table))]),
    ),
    ...(missed.length > 0 ? ['Where we miss the goal, or a peer is ahead:', lines(missed)] : []),
    'What was measured:',
    lines(table.contenders.map(({ name, how }) => `${name}: ${how}`)),
  ].join('\n\n')
}

/** What the row shows, and what its ratios are held against. */
function labelOf(id: RowId, table: CostTable): string {
  const { baseNs } = table.rows[id]
  return baseNs === undefined
    ? rows[id].label
    : `${rows[id].label} (that takes ${Math.round(baseNs).toLocaleString('en')} ns)`
}

function goalOf({ unit, goal }: Row): string {
  return unit === 'ticks' ? units.ticks.full(goal) : `≤ ${units[unit].full(goal)}`
}

function cell(id: RowId, name: string, table: CostTable): string {
  const figure = table.rows[id].figures[name]
  return figure ? written(figure, units[rows[id].unit]) : '–'
}
