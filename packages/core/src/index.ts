// For those who run work against several servers.

// For those who write a connector.
export type { ConnectContext, Connector, Phase, ProbeContext, Verdict } from './connector.ts'
export {
  type Attempt,
  ClosedError,
  ExhaustedError,
  InvalidError,
  type Outcome,
  OutcomeUnknownError,
  TimeoutError,
  TourniquetError,
} from './errors.ts'
export type { Events, FailoverReason, Listener } from './events.ts'
export type { RunContext, RunFunction } from './link.ts'
export type { Backoff, CloseOptions, Options, RunOptions } from './options.ts'
export type { ProviderInfo } from './provider.ts'
export { RoundRobin } from './round-robin.ts'
export { defaultTable, defaultVerdict } from './verdict.ts'
