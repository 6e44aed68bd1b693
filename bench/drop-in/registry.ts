import { modulesIn } from '../report/modules.ts'
import type { DropIn } from './drop-in.ts'

/** All drop-ins there are: one a file. */
export function subjects(): Promise<DropIn[]> {
  return modulesIn(new URL('subjects/', import.meta.url))
}
