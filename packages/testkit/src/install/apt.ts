import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TempFolder } from '../process/temp-folder.ts'
import { findProgram } from './find-program.ts'

/** A package of Debian's. */
export interface DebianPackage {
  name: string
  /** A file of configuration that is there while it is installed, and only then. */
  meanwhile?: { path: string; text: string }
}

const FLOCK = 'flock'
const LOCK_WAIT_S = 300

// Its arguments: the package, and the path and the text of the file that is there meanwhile. Lists of packages that are
// missing or too old make the first try fail.
const SCRIPT = `
  if [ -n "$2" ]; then
    mkdir -p "$(dirname "$2")" && trap 'rm -f "$2"' EXIT && echo "$3" > "$2" || exit
  fi
  install() { apt-get -o DPkg::Lock::Timeout=${LOCK_WAIT_S} install -y --no-install-recommends --no-upgrade "$1"; }
  install "$1" || { apt-get update && install "$1"; }`

// What a package installs is not started: RUNLEVEL is heeded by invoke-rc.d where init scripts rule, SYSTEMD_OFFLINE by
// systemctl. NEEDRESTART_SUSPEND keeps Ubuntu from restarting services that were there before.
const QUIET = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1', NEEDRESTART_SUSPEND: '1' }

/** Whether `aptInstall` can do its work here. */
export function canAptInstall(): boolean {
  return process.getuid?.() === 0 && [FLOCK, 'apt-get'].every((name) => findProgram(name) !== undefined)
}

/**
 * Installs a package, starting none of its services. One process at a time does it: what comes later waits, up to
 * 5 minutes, and finds it done.
 *
 * @throws Error with the end of what apt said
 */
export async function aptInstall({ name, meanwhile = { path: '', text: '' } }: DebianPackage): Promise<void> {
  const folder = new TempFolder('tourniquet-apt')
  const log = join(folder.path, 'log')
  const output = openSync(log, 'a')
  try {
    // apt-get's own locks lie deeper in that folder. What must not end halfway is detached, and its output is a file:
    // it goes on when this process ends.
    const args = [
      '-o',
      '-w',
      `${LOCK_WAIT_S}`,
      '/var/lib/apt',
      'sh',
      '-c',
      SCRIPT,
      'sh',
      name,
      meanwhile.path,
      meanwhile.text,
    ]
    const env = { ...process.env, ...QUIET }
    const child = spawn(FLOCK, args, { env, detached: true, stdio: ['ignore', output, output] })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`apt-get install ${name} failed: ${readFileSync(log, 'utf8').slice(-2_000)}`)
  } finally {
    closeSync(output)
    folder.remove()
  }
}
