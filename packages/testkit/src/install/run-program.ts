import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { atExit } from '../process/at-exit.ts'
import { killTree } from '../process/process-tree.ts'

/** How long a program may take unless told otherwise, in milliseconds. */
const TIME_LIMIT_MS = 30_000
const MAX_OUTPUT_BYTES = 2 ** 26

export interface RunOptions {
  /** Added to this process's own environment; `undefined` takes a variable out. Default none. */
  env?: Readonly<Record<string, string | undefined>>
  /** The working folder. Default: this process's own. */
  cwd?: string
  /** What it is called in errors. Default: the command. */
  name?: string
}

/**
 * Runs a program to its end and resolves to what it wrote to stdout. It is SIGKILLed after 30 s, and when this process
 * exits.
 *
 * @throws Error with what it wrote to stderr, if it fails or takes too long
 */
export async function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env, cwd, name = basename(command) } = options
  const limits = { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES } as const
  const run = promisify(execFile)(command, args, { ...limits, cwd, env: { ...process.env, ...env } })
  const forget = atExit(() => run.child.pid !== undefined && killTree(run.child.pid))
  try {
    return (await run).stdout
  } catch (cause) {
    throw new Error(`${name} failed: ${whatWentWrong(cause as ProgramError)}`, { cause })
  } finally {
    forget()
  }
}

type ProgramError = Error & { stderr?: string; killed?: boolean }

function whatWentWrong({ message, stderr, killed }: ProgramError): string {
  if (killed) return `it was not done in ${TIME_LIMIT_MS} ms, or wrote more than ${MAX_OUTPUT_BYTES} bytes`
  return stderr?.trim() || message
}
