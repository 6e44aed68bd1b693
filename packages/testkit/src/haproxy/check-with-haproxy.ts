import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { badInput } from '../bad-input.ts'
import { TempFolder } from '../process/temp-folder.ts'
import { needHAProxy } from './need-haproxy.ts'

export interface HAProxyCheck {
  /** May be used; there may be warnings. */
  valid: boolean
  /** What HAProxy says, on stderr and stdout. Its lines name the file `haproxy.cfg`: `parsing [haproxy.cfg:7]`. */
  output: string
}

/** HAProxy's limit is a guard against a hang: a check takes some 10 ms. */
const TIME_LIMIT_MS = 30_000

/**
 * What `haproxy -c` says of a configuration.
 *
 * @throws Error if HAProxy cannot be run, or is not done in 30 s
 */
export async function checkWithHAProxy(text: string): Promise<HAProxyCheck> {
  if (typeof text !== 'string') throw badInput('text', 'the text of a configuration', text)
  const program = await needHAProxy()
  const folder = new TempFolder('tourniquet-haproxy')
  try {
    writeFileSync(join(folder.path, 'haproxy.cfg'), text)
    return await run(program, folder.path)
  } finally {
    folder.remove()
  }
}

function run(program: string, cwd: string): Promise<HAProxyCheck> {
  const options = { cwd, timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL' } as const
  return new Promise((resolve, reject) => {
    execFile(program, ['-c', '-f', 'haproxy.cfg'], options, (error, stdout, stderr) => {
      // A number is its own exit code; anything else happened to it.
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ valid: error === null, output: stderr + stdout })
    })
  })
}
