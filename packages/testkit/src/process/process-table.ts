import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** One process, as the system shows it. */
export interface ProcessEntry {
  pid: number
  ppid: number
  /** One letter: `R` runs, `S` sleeps, `T` is stopped, `Z` has exited and is not yet reaped. */
  state: string
  /** When it started: with the pid it names one process for ever, since pids are used again. */
  started: string
}

/** All processes of the system. Synchronous, because it is also needed while this process exits. */
export function processTable(): ProcessEntry[] {
  return process.platform === 'linux' ? readProc() : parsePs(runPs())
}

function readProc(): ProcessEntry[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(readStat).filter((entry) => entry !== undefined)
}

function readStat(pid: string): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined // it has exited since the folder was listed
  }
}

/** One line of `/proc/PID/stat`. The name, in brackets, may itself hold blanks and brackets. */
export function parseStat(line: string): ProcessEntry {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return { pid: Number.parseInt(line, 10), state: fields[0] ?? '', ppid: Number(fields[1]), started: fields[19] ?? '' }
}

function runPs(): string {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8' })
}

/** The output of `ps -A -o pid=,ppid=,stat=,lstart=`. */
export function parsePs(output: string): ProcessEntry[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [pid, ppid, state, ...started] = line.trim().split(/\s+/)
    return { pid: Number(pid), ppid: Number(ppid), state: (state ?? '').charAt(0), started: started.join(' ') }
  })
}
