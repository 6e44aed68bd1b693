import { canAptInstall } from '../../packages/testkit/src/install/apt.ts'
import { findProgram } from '../../packages/testkit/src/install/find-program.ts'
import { cpus } from './cpus.ts'

/** Whether the balancer can be measured here: on Linux, with two CPUs, and with the programs that load it. */
export const canBalance: boolean =
  process.platform === 'linux' &&
  cpus.first !== cpus.last &&
  findProgram('taskset') !== undefined &&
  (findProgram('wrk') !== undefined || canAptInstall())
