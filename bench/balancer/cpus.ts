import { readFileSync } from 'node:fs'

/** The first and the last CPU that this process may use; the same where there is only one. */
export const cpus: { readonly first: string; readonly last: string } = allowed()

/** The same command, kept on one CPU. */
export function pinnedTo(cpu: string, command: readonly string[]): [program: string, ...args: string[]] {
  return ['taskset', '-c', cpu, ...command]
}

function allowed(): { first: string; last: string } {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(statusOf('self')) ?? []
  const [first = '0', last = first] = [/^\d+/.exec(list)?.[0], /\d+$/.exec(list)?.[0]]
  return { first, last }
}

/** In milliseconds, of user and system, of all its threads. The kernel counts in hundredths of a second. */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name before it stands in brackets, and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** In milliseconds, what all processes together have had of a CPU. */
export function busyTimeOf(cpu: string): number {
  const [user = 0, nice = 0, system = 0] =
    new RegExp(`^cpu${cpu} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
  return (user + nice + system) * 10
}

/** The memory that a process has in RAM, in kilobytes of 1,024. */
export function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(statusOf(`${pid}`))?.[1])
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
