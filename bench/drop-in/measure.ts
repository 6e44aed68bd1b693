import { environment } from '../report/environment.ts'
import { type Figure, figureOf } from '../report/figure.ts'
import { burst } from './burst.ts'
import type { DropIn, Way } from './drop-in.ts'
import { subjects } from './registry.ts'
import { type Effort, sequential } from './sequential.ts'

export const thorough: Effort = { rounds: 41, bursts: 21 }
export const brief: Effort = { rounds: 5, bursts: 1 }

/** What one way took. */
export interface Row {
  readonly what: string
  readonly way: string
  readonly goal?: number
  readonly ms: Figure
  /** How many times as long as the first way, pair by pair. */
  readonly ratio: Figure
  /** Of a thousand calls, in the worst round. */
  readonly succeeded?: number
}

/** The whole third table. */
export interface DropInTable {
  readonly environment: string
  readonly effort: Effort
  readonly subjects: readonly { readonly name: string; readonly rows: readonly Row[] }[]
}

export async function measure(effort: Effort): Promise<DropInTable> {
  const measured = []
  for (const subject of await subjects()) measured.push({ name: subject.name, rows: await rowsOf(subject, effort) })
  return { environment: environment(), effort, subjects: measured }
}

async function rowsOf(subject: DropIn, effort: Effort): Promise<Row[]> {
  const { what, ways } = subject.sequential
  const rows = rowsOfWays(what, ways, await sequential(subject, effort))
  if (!subject.burst) return rows
  const { times, succeeded } = await burst(subject, effort)
  const bursts = rowsOfWays(subject.burst.what, subject.burst.ways, times)
  return [...rows, ...bursts.map((row, at) => ({ ...row, succeeded: succeeded[at] as number }))]
}

function rowsOfWays(what: string, ways: readonly Way[], times: readonly (readonly number[])[]): Row[] {
  const base = times[0] ?? []
  return ways.map(({ name, goal }, at) => {
    const own = times[at] ?? []
    const ratio = figureOf(own.map((ms, round) => ms / (base[round] as number)))
    return { what, way: name, ...(goal && { goal }), ms: figureOf(own), ratio }
  })
}
