import type { Global, LogTarget, StatsSocket } from './model.ts'

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The `global` section, while it is read. */
export type GlobalDraft = Mutable<Omit<Global, 'logs' | 'statsSockets'>> & {
  readonly logs: LogTarget[]
  readonly statsSockets: StatsSocket[]
  /** `log-tag`, for the logs of all sections. */
  logTag?: string
}

export function newGlobal(): GlobalDraft {
  return { graceMs: 0, spreadChecks: 0, logs: [], statsSockets: [], statsTimeoutMs: 10_000 }
}
