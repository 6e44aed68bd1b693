import type { Origin } from './configuration.ts'
import type { Origins } from './origins.ts'

/** What a load got done in one turn. */
export interface Done {
  /** How many of what is counted: requests, megabytes. */
  readonly units: number
  readonly errors: number
  /** How long the slowest of a hundred took, in milliseconds; undefined if that is not looked at. */
  readonly p99Ms?: number
}

/** Something that keeps a balancer busy. */
export interface Load {
  readonly what: string
  /** What the CPU time is divided by. */
  readonly unit: string
  readonly origin: Origin
  /** The goal for the CPU time per unit over HAProxy's, on a Node; undefined: there is none. */
  readonly goal?: (nodeMajor: number) => number
  /** How many times HAProxy's the time of the slowest of a hundred may be; undefined: there is no goal. */
  readonly p99Goal?: number
  /** Loads one balancer, for so long or as much as is `seconds` worth. */
  run(port: number, seconds: number, origins: Origins): Promise<Done>
}

/** What came of a count that was wanted. */
export function counted(wanted: number, units: number): Done {
  return { units, errors: wanted - units }
}
