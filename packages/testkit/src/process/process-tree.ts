import { waitFor } from '../wait-for.ts'
import { type ProcessEntry, processTable } from './process-table.ts'

const STOPPED = 'Tt'
const EXITED = 'ZX'

/** A process and all that descends from it, the process itself first. */
export function treeOf(pid: number): ProcessEntry[] {
  return descend(processTable(), pid)
}

/** The same from a given table. */
export function descend(table: readonly ProcessEntry[], pid: number): ProcessEntry[] {
  const root = table.filter((entry) => entry.pid === pid)
  const children = table.filter((entry) => entry.ppid === pid)
  return [...root, ...children.flatMap((child) => descend(table, child.pid))]
}

/** SIGKILLs a process and its descendants, as a power failure would, and returns who was meant. */
export function killTree(pid: number): ProcessEntry[] {
  const tree = treeOf(pid)
  for (const entry of tree) send(entry, 'SIGKILL')
  return tree
}

/** SIGSTOPs a process and its descendants; resolves once the system shows all of them stopped. */
export async function freezeTree(pid: number): Promise<void> {
  let quietLooks = 0
  const allStopped = (): boolean => {
    const moving = treeOf(pid).filter((entry) => !(STOPPED + EXITED).includes(entry.state))
    for (const entry of moving) send(entry, 'SIGSTOP')
    quietLooks = moving.length === 0 ? quietLooks + 1 : 0
    return quietLooks === 2 // one look may miss a child that was forked during it
  }
  await waitFor(allStopped, { what: `process ${pid} to be frozen` })
}

/** SIGCONTs a process and its descendants; resolves once the system shows none of them stopped. */
export async function thawTree(pid: number): Promise<void> {
  const noneStopped = (): boolean => {
    const stopped = treeOf(pid).filter((entry) => STOPPED.includes(entry.state))
    for (const entry of stopped) send(entry, 'SIGCONT')
    return stopped.length === 0
  }
  await waitFor(noneStopped, { what: `process ${pid} to be thawed` })
}

/** SIGKILLs those of a former tree that still live; resolves once none does. */
export async function killSurvivors(tree: readonly ProcessEntry[]): Promise<void> {
  const noneLeft = (): boolean => {
    const table = processTable()
    const alive = tree.filter((entry) => table.some((now) => isSame(now, entry) && !EXITED.includes(now.state)))
    for (const entry of alive) send(entry, 'SIGKILL')
    return alive.length === 0
  }
  await waitFor(noneLeft, { what: `processes ${tree.map((entry) => entry.pid).join(', ')} to be gone` })
}

function isSame(one: ProcessEntry, other: ProcessEntry): boolean {
  return one.pid === other.pid && one.started === other.started
}

function send(entry: ProcessEntry, signal: NodeJS.Signals): void {
  try {
    process.kill(entry.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
