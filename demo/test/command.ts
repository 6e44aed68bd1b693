import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const MAIN = 'src/main.ts'

/** Runs the demo as `npm start` does, or another program in its place; `meddle` is told its process id, and what it wrote so far. */
export function runDemo(
  args: readonly string[],
  program = MAIN,
  meddle?: (pid: number, stdout: string) => void,
): Promise<Ending> {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    if (child.pid !== undefined) meddle?.(child.pid, stdout)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
