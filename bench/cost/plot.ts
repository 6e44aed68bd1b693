import { units } from '../report/figure.ts'
import type { Panel, Plot } from '../report/plot.ts'
import type { CostTable } from './measured.ts'
import { type RowId, rows } from './rows.ts'

/** Those rows in which one picture says more than the numbers. */
const shown = ['time', 'bubbling', 'heap'] as const satisfies RowId[]

export function plotOf(table: CostTable): Plot {
  return {
    title: 'What the connected path costs',
    legend: [{ tone: 'ours', text: 'median, with the least and the most; logarithmic; dashed: our goal' }],
    panels: shown.map((id) => panelOf(id, table)),
  }
}

function panelOf(id: RowId, table: CostTable): Panel {
  const { label, unit, goal } = rows[id]
  const { figures } = table.rows[id]
  const lines = table.contenders.flatMap(({ name }) => {
    const figure = figures[name]
    const tone = name.startsWith('tourniquet') ? ('ours' as const) : ('theirs' as const)
    return figure ? [{ label: name.replaceAll('`', ''), points: [{ figure, tone }] }] : []
  })
  return { title: label, unit: units[unit], goal, lines }
}
