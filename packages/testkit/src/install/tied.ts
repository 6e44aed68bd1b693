import { findProgram } from './find-program.ts'
import { runProgram } from './run-program.ts'

/** A user of the system. */
export interface SystemUser {
  uid: number
  gid: number
}

export interface CommandLine {
  command: string
  args: readonly string[]
}

/**
 * Ties a program to this process: where the system can do that (Linux), it is killed when this process is gone, even by
 * a SIGKILL that nothing here could answer. With `user` it runs as that one, which needs root.
 *
 * @throws Error if it shall run as another user, and `setpriv` is missing
 */
export async function tied({ command, args }: CommandLine, user?: SystemUser): Promise<CommandLine> {
  if (await canTie())
    return { command: 'setpriv', args: ['--pdeathsig', 'KILL', ...asUser(user), '--', command, ...args] }
  if (user === undefined) return { command, args }
  throw new Error(`cannot run ${command} as another user than root: setpriv, of util-linux, is missing or too old`)
}

function asUser(user: SystemUser | undefined): string[] {
  return user === undefined ? [] : ['--reuid', String(user.uid), '--regid', String(user.gid), '--init-groups']
}

let answer: Promise<boolean> | undefined

/** Busybox has a `setpriv`, too, that knows less. */
async function canTie(): Promise<boolean> {
  if (process.platform !== 'linux' || findProgram('setpriv') === undefined) return false
  answer ??= runProgram('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).then(
    () => true,
    () => false,
  )
  return await answer
}
