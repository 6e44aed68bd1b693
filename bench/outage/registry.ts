import { modulesIn } from '../report/modules.ts'
import type { Subject } from './subject.ts'

/** All subjects there are: one a file. */
export function subjects(): Promise<Subject<unknown>[]> {
  return modulesIn(new URL('../failover/', import.meta.url))
}
