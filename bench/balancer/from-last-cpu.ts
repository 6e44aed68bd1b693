import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cpus, pinnedTo } from './cpus.ts'

/**
 * Runs a program that makes load, and resolves to what it prints. That it ends with an error is not told: it shows in
 * what has not been done.
 */
export async function fromLastCpu(program: string, words: readonly string[]): Promise<string> {
  const [command, ...args] = pinnedTo(cpus.last, [program, ...words])
  const run = promisify(execFile)(command, args)
  const { stdout = '' } = await run.catch((error: { readonly stdout?: string }) => error)
  return stdout
}
