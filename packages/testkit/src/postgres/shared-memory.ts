import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../install/find-program.ts'

/**
 * Takes away what a server that was killed leaves outside and inside its folder: a segment of shared memory, of which
 * a system has a limited number, and the file which says that the server runs. Synchronous, because it is also needed
 * while this process exits.
 */
export function cleanUpAfterKill(data: string): void {
  const file = join(data, 'postmaster.pid')
  const segment = segmentIn(file)
  const ipcrm = findProgram('ipcrm')
  if (segment !== undefined && ipcrm !== undefined) spawnSync(ipcrm, ['-m', segment])
  rmSync(file, { force: true })
}

/** The seventh line of `postmaster.pid`: the key and the id of the segment. */
function segmentIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1]
  } catch {
    return undefined // it stopped in good order, or never started
  }
}
