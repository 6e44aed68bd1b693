import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fullTurn } from '../full-turn.ts'
import { atExit } from './at-exit.ts'
import { killTree } from './process-tree.ts'
import { Tail } from './tail.ts'

/** What to run. */
export interface Program {
  command: string
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  cwd: string | undefined
}

/** One life of a child process, from its launch to its exit. */
export class RunningChild {
  readonly pid: number
  /** The end of what it wrote to stdout and stderr. */
  readonly output: Tail
  /** Resolves when it has exited, to how: `exit code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>
  #alive = true
  readonly #child: ChildProcess

  constructor(child: ChildProcess, pid: number, output: Tail) {
    this.#child = child
    this.pid = pid
    this.output = output
    const forget = atExit(() => killTree(pid))
    this.exited = this.#untilExit().finally(forget)
  }

  get alive(): boolean {
    return this.#alive
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async #untilExit(): Promise<string> {
    const closed = once(this.#child, 'close')
    const [code, signal] = await once(this.#child, 'exit')
    this.#alive = false
    await this.#readRest(closed)
    return signal === null ? `exit code ${code}` : `signal ${signal}`
  }

  /** A descendant may hold the pipes open: then what has come within a moment is all we read. */
  async #readRest(closed: Promise<unknown>): Promise<void> {
    const pipes = [this.#child.stdin, this.#child.stdout, this.#child.stderr]
    const cut = setTimeout(() => {
      for (const pipe of pipes) pipe?.destroy()
    }, 100)
    this.#child.stdin?.destroy()
    await closed
    clearTimeout(cut)
    await fullTurn() // by then its handles are closed, too
  }
}

/**
 * Starts a program. It is SIGKILLed, with its descendants, when this process exits.
 *
 * @throws Error if the program cannot be started
 */
export async function launch({ command, args, env, cwd }: Program): Promise<RunningChild> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  const output = new Tail()
  for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding('utf8').on('data', (text) => output.add(text))
  child.stdin.on('error', () => {}) // it went away before it read: its exit tells more
  const spawned = once(child, 'spawn')
  if (child.pid === undefined) await spawned.catch((error) => cannotStart(command, error))
  return new RunningChild(child, child.pid as number, output)
}

function cannotStart(command: string, cause: Error): never {
  throw new Error(
    `cannot start ${command}: ${cause.message}. Is it installed and on the PATH, and does its cwd exist?`,
    { cause },
  )
}
