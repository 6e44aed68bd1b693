import { environment } from '../report/environment.ts'
import { type Figure, figureOf } from '../report/figure.ts'
import { type Balancer, balancers, type Running, startBalancer } from './balancer.ts'
import { idleMemoryOf } from './idle.ts'
import type { Load } from './load.ts'
import { loads } from './loads.ts'
import { type Origins, startOrigins } from './origins.ts'
import { quietTurn, type Turn } from './turn.ts'

/** How thoroughly it is measured. */
export interface Effort {
  readonly rounds: number
  /** How long each turn is. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly idleRounds: number
}

export const thorough: Effort = { rounds: 11, seconds: 2, warmUpSeconds: 10, idleRounds: 3 }
export const brief: Effort = { rounds: 1, seconds: 1, warmUpSeconds: 2, idleRounds: 1 }

/** What one balancer did with one load. */
export interface Row {
  readonly what: string
  readonly unit: string
  readonly balancer: string
  /** In microseconds for one unit. */
  readonly cpu: Figure
  /** How many times HAProxy's, round by round. */
  readonly ratio: Figure
  readonly goal?: number
  readonly p99Ms?: Figure
  readonly p99Ratio?: Figure
  readonly p99Goal?: number
  /** Of all rounds together. */
  readonly units: number
  readonly errors: number
}

export interface IdleRow {
  readonly balancer: string
  /** In kilobytes of 1,024 for each connection. */
  readonly memory: Figure
}

/** The whole fourth table. */
export interface BalancerTable {
  readonly environment: string
  readonly effort: Effort
  readonly rows: readonly Row[]
  readonly idle: readonly IdleRow[]
}

/** Measures on this Node, and on `node`. */
export async function measure(effort: Effort, node: string): Promise<BalancerTable> {
  const origins = await startOrigins()
  try {
    const all = await balancers(origins.folder, [node, process.execPath])
    const rows = await rowsOf(all, effort, origins)
    return { environment: environment(), effort, rows, idle: await idleOf(all, effort, origins) }
  } finally {
    await origins[Symbol.asyncDispose]()
  }
}

async function rowsOf(all: readonly Balancer[], effort: Effort, origins: Origins): Promise<Row[]> {
  const running: Running[] = []
  try {
    for (const each of all) running.push(await startBalancer(each, origins.folder, origins.ports))
    const rows: Row[] = []
    for (const load of loads) {
      const turns = await interleaved(load, running, effort, origins)
      rows.push(...all.map((balancer, at) => rowOf(load, balancer, turns[at] as Turn[], turns[0] as Turn[])))
    }
    return rows
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()))
  }
}

/** The turns of each. In each round everybody has one, and another one begins. */
async function interleaved(
  load: Load,
  running: readonly Running[],
  { rounds, seconds, warmUpSeconds }: Effort,
  origins: Origins,
): Promise<Turn[][]> {
  for (const each of running) await load.run(each.ports[load.origin], warmUpSeconds, origins)
  const turns = running.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const at of running.keys()) {
      const turn = (round + at) % running.length
      turns[turn]?.push(await quietTurn(load, running[turn] as Running, seconds, origins))
    }
  }
  return turns
}

function rowOf({ what, unit, goal, p99Goal }: Load, { name, nodeMajor }: Balancer, turns: Turn[], base: Turn[]): Row {
  const sum = (key: 'units' | 'errors') => turns.reduce((total, turn) => total + turn[key], 0)
  const over = (value: (turn: Turn) => number) =>
    figureOf(turns.map((turn, at) => value(turn) / value(base[at] as Turn)))
  const p99 = (turn: Turn) => turn.p99Ms ?? 0
  return {
    what,
    unit,
    balancer: name,
    cpu: figureOf(turns.map(({ cpu }) => cpu)),
    ratio: over(({ cpu }) => cpu),
    ...(nodeMajor !== undefined && goal && { goal: goal(nodeMajor) }),
    ...(turns[0]?.p99Ms !== undefined && { p99Ms: figureOf(turns.map(p99)), p99Ratio: over(p99) }),
    ...(nodeMajor !== undefined && p99Goal && { p99Goal }),
    units: sum('units'),
    errors: sum('errors'),
  }
}

async function idleOf(all: readonly Balancer[], { idleRounds }: Effort, origins: Origins): Promise<IdleRow[]> {
  const memory = all.map((): number[] => [])
  for (let round = 0; round < idleRounds; round++) {
    for (const [at, balancer] of all.entries()) memory[at]?.push(await idleMemoryOf(balancer, origins))
  }
  return all.map(({ name }, at) => ({ balancer: name, memory: figureOf(memory[at] as number[]) }))
}
