import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { commandOf } from '../command.ts'
import type { Section } from '../report/markdown.ts'

/** Whether there is a Node here that the peers run on. */
export const canMeasure: boolean = commandOf('cost') !== undefined

/** Measures a table in its short form, in a process of its own; writes nothing. */
export async function measure<Table>(section: Section): Promise<Table> {
  const [program, ...args] = commandOf(section, '--short') ?? []
  if (program === undefined) throw new Error('there is no Node that could')
  const { stdout } = await promisify(execFile)(program, args)
  return JSON.parse(stdout) as Table
}
