import { type Unit, units } from '../report/figure.ts'
import type { CostTable } from './measured.ts'
import { type RowId, rowIds, rows } from './rows.ts'

const OURS = 'tourniquet'
const FLOOR = 'bare `.then`'

/** Where we are not as good as we want to be, or somebody else is better: one line each. */
export function shortfalls(table: CostTable): string[] {
  return rowIds.flatMap((id) => {
    const complaints = [...overGoal(id, table), ...ahead(id, table)]
    return complaints.length > 0 ? [`${rows[id].label}: ${complaints.join('; ')}`] : []
  })
}

/** What of ours is over the goal. */
function overGoal(id: RowId, { rows: measured, contenders }: CostTable): string[] {
  const { goal } = rows[id]
  const unit: Unit = units[rows[id].unit]
  const { figures } = measured[id]
  const over = contenders.flatMap(({ name }) => {
    const figure = figures[name]
    return name.startsWith(OURS) && figure && figure.median > goal ? [`${name} ${unit.full(figure.median)}`] : []
  })
  if (over.length === 0) return []
  const floor = figures[FLOOR]
  const least = floor ? `, a ${FLOOR} takes ${unit.full(floor.median)}` : ''
  return [`${over.join(', ')}, where the goal is ${unit.full(goal)}${least}`]
}

/** The peers, who have a version, that need less than we do. */
function ahead(id: RowId, { rows: measured, contenders }: CostTable): string[] {
  const { figures } = measured[id]
  const unit: Unit = units[rows[id].unit]
  const better = contenders.flatMap(({ name, version }) => {
    const figure = figures[name]
    const isBetter = version && figure && figures[OURS] && figure.median < figures[OURS].median
    return isBetter ? [`${name} ${unit.full(figure.median)}`] : []
  })
  return better.length > 0 ? [`ahead of us: ${better.join(', ')}`] : []
}
