import { aptInstall, canAptInstall, type DebianPackage } from './apt.ts'

/** A program that tests need, and where it comes from. */
export interface Need {
  /** Its name in errors. */
  program: string
  /** Looks for it: its path, or undefined where it is missing. */
  find: () => string | undefined
  /** The package that brings it on Debian and its children. */
  debian: DebianPackage
  /** The formula that brings it on macOS. */
  brew: string
}

/**
 * The path of a program. Where it is missing it is installed, if this process may do that: as root on Debian or Ubuntu.
 * Any number of processes may ask at once.
 *
 * @throws Error that names the command to run, where it is missing and cannot be installed
 */
export async function needProgram(need: Need): Promise<string> {
  return need.find() ?? (await installed(need))
}

async function installed(need: Need): Promise<string> {
  if (!canAptInstall()) throw new Error(`${need.program} is not installed, or not in the PATH. Run ${commandFor(need)}`)
  await aptInstall(need.debian)
  const path = need.find()
  if (path === undefined) throw new Error(`${need.debian.name} was installed, but it brought no ${need.program}`)
  return path
}

function commandFor({ debian, brew }: Need): string {
  if (process.platform === 'darwin') return `brew install ${brew}`
  return `sudo apt-get install -y ${debian.name} (or what your system calls that)`
}
