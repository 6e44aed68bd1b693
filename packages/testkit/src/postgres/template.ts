import { createHash } from 'node:crypto'
import { chownSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TempFolder } from '../process/temp-folder.ts'
import type { PostgresPrograms } from './postgres-programs.ts'

// Segments of 1 MB instead of 16: less to copy for each start.
const INITDB = ['--username=postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--wal-segsize=1', '--no-sync']

/**
 * The path of an archive of a fresh cluster: it takes a second to make, and a twentieth of that to unpack. It stays in
 * the folder for temporary files, for all processes of this user; it is one file, so that it is there whole or not at
 * all. Whoever finds none makes one: the last to be done replaces the others', which are the same.
 */
export async function templateOf(programs: PostgresPrograms): Promise<string> {
  const version = await programs.runClient('postgres', '--version')
  const { uid } = programs.user ?? { uid: process.getuid?.() }
  const key = createHash('sha256')
    .update([version, uid, ...INITDB].join())
    .digest('hex')
    .slice(0, 12)
  const archive = join(tmpdir(), `tourniquet-postgres-template-${key}.tar`)
  if (!isOurs(archive)) await make(archive, programs)
  return archive
}

/** Where anybody may write, anybody may have put it there. */
function isOurs(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.uid === process.getuid?.()
}

async function make(archive: string, programs: PostgresPrograms): Promise<void> {
  const folder = new TempFolder('tourniquet-postgres')
  try {
    giveTo(programs, folder.path)
    const data = join(folder.path, 'data')
    await programs.run('initdb', ...INITDB, '--pgdata', data)
    await programs.run('tar', '-cf', `${data}.tar`, '-C', data, '.')
    await programs.run('chmod', '644', `${data}.tar`)
    if (programs.user) chownSync(`${data}.tar`, 0, 0)
    await rename(`${data}.tar`, archive)
  } finally {
    folder.remove()
  }
}

/** Lets the user whom the server runs as write to a folder. */
export function giveTo({ user }: PostgresPrograms, folder: string): void {
  if (user) chownSync(folder, user.uid, user.gid)
}
