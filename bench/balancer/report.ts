import { type Figure, Unit, units, written } from '../report/figure.ts'
import { tableOf } from '../report/markdown.ts'
import { idleGoal } from './goals.ts'
import { idleConnections } from './idle.ts'
import type { BalancerTable, IdleRow, Row } from './measure.ts'

const µs = new Unit('', ' µs', (value) => value.toFixed(value < 99.95 ? 1 : 0))
const kB = new Unit('', ' KB', (value) => value.toFixed(1))

const header = ['load', 'balancer', 'CPU', 'over HAProxy', 'goal', 'p99', 'over HAProxy', 'goal', 'done', 'errors']

/** The fourth table as Markdown: the loads, then the memory. */
export function report({ environment, effort, rows, idle }: BalancerTable): string {
  const { rounds, seconds, idleRounds } = effort
  return [
    `${environment}; medians of ${rounds} interleaved rounds of ${seconds} s each, in brackets the least and the most.`,
    tableOf(header, rows.map(cellsOf)),
    `Memory for each of ${idleConnections.toLocaleString('en')} idle connections, medians of ${idleRounds}:`,
    tableOf(['balancer', 'memory', 'goal'], idle.map(idleCellsOf)),
    ...missed(rows, idle),
  ].join('\n\n')
}

function cellsOf(row: Row, at: number, rows: readonly Row[]): string[] {
  const isFirst = rows[at - 1]?.what !== row.what
  const over = (ratio?: Figure) => (isFirst || !ratio ? '' : written(ratio, units.times))
  return [
    isFirst ? row.what : '',
    row.balancer,
    `${written(row.cpu, µs)} a ${row.unit}`,
    over(row.ratio),
    goal(row.goal),
    row.p99Ms === undefined ? '' : written(row.p99Ms, units.ms),
    over(row.p99Ratio),
    goal(row.p99Goal),
    Math.round(row.units).toLocaleString('en'),
    row.errors.toLocaleString('en'),
  ]
}

function goal(times: number | undefined): string {
  return times === undefined ? '' : `≤ ${units.times.full(times)}`
}

function idleCellsOf({ balancer, memory }: IdleRow, at: number): string[] {
  return [balancer, written(memory, kB), at === 0 ? '' : `≤ ${idleGoal} KB`]
}

function missed(rows: readonly Row[], idle: readonly IdleRow[]): string[] {
  const cpu = rows.filter(({ goal, ratio }) => goal !== undefined && ratio.median > goal)
  const p99 = rows.filter(({ p99Goal, p99Ratio }) => p99Goal !== undefined && p99Ratio && p99Ratio.median > p99Goal)
  const memory = idle.slice(1).filter(({ memory }) => memory.median > idleGoal)
  return [
    ...cpu.map(({ what, balancer, ratio, goal = 0 }) =>
      sentence(`${what}, ${balancer}, CPU`, ratio, goal, units.times),
    ),
    ...p99.map(({ what, balancer, p99Ratio, p99Goal = 0 }) =>
      sentence(`${what}, ${balancer}, p99`, p99Ratio as Figure, p99Goal, units.times),
    ),
    ...memory.map(({ balancer, memory }) => sentence(`idle connections, ${balancer}`, memory, idleGoal, kB)),
  ]
}

function sentence(what: string, { median }: Figure, goal: number, { full }: Unit): string {
  return `Missed: ${what}: ${full(median)}, where the goal is ${full(goal)}.`
}
