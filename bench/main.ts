// `npm run bench`: measures the tables and writes them into docs/. `--table=cost`, `failover`, `drop-in` or
// `balancer` for one of them.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Command, commandOf, pinned } from './command.ts'
import type { Section } from './report/markdown.ts'

const all: readonly Section[] = ['cost', 'failover', 'drop-in', 'balancer']

/** The tables that are wanted; ends the process with a clear message if there is no such table. */
function wanted(): readonly Section[] {
  try {
    const { table } = parseArgs({ options: { table: { type: 'string' } } }).values
    const tables = all.filter((each) => table === undefined || each === table)
    if (tables.length > 0) return tables
    throw new Error(`there is no table "${table}"`)
  } catch (error) {
    console.error(`${(error as Error).message}; try --table=${all.join(' or --table=')}`)
    process.exit(2)
  }
}

function run([program, ...args]: Command): boolean {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0
}

/** How to measure `table` here; ends the process with a clear message if it cannot be. */
function commandFor(table: Section): Command {
  const command = commandOf(table)
  if (!command) {
    console.error('the peers need Node 22.18 or newer; what bench/ brings for older ones is for linux-x64 only')
    process.exit(1)
  }
  // What starts processes of its own is not pinned: they would all stand on each other's feet.
  return table === 'cost' ? pinned(command) : command
}

for (const table of wanted()) {
  const startedAt = performance.now()
  process.stdout.write(`${table} … `)
  const isOk = run(commandFor(table))
  console.log(`${isOk ? 'ok' : 'FAILED'} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
  if (!isOk) process.exitCode = 1
}
