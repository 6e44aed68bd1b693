import { findProgram } from '../install/find-program.ts'
import { needProgram } from '../install/need-program.ts'

/** Where it is on Debian, which is not in the PATH of everybody. */
const SBIN = ['/usr/sbin', '/usr/local/sbin']

/**
 * The path of HAProxy. Where it is missing it is installed, if this process may do that: as root on Debian or Ubuntu.
 *
 * @throws Error that names the command to run, where it is missing and cannot be installed
 */
export async function needHAProxy(): Promise<string> {
  const find = (): string | undefined => findProgram('haproxy') ?? findProgram('haproxy', SBIN)
  return await needProgram({ program: 'haproxy', find, debian: { name: 'haproxy' }, brew: 'haproxy' })
}
