// For those who run work against several servers.
export { RoundRobin } from './round-robin.ts'
export type { Backoff, CloseOptions, Failback, Options, RunOptions } from './options.ts'
export type { RunContext, RunFunction } from './link.ts'
export type { ProviderInfo } from './provider.ts'
export type { Events, FailoverReason, Listener } from './events.ts'
export {
  ClosedError,
  ExhaustedError,
  InvalidError,
  OutcomeUnknownError,
  TimeoutError,
  TourniquetError,
  type Attempt,
  type ErrorDetails,
  type Outcome,
} from './errors.ts'

// For those who write a connector.
export type { ConnectContext, Connector, Phase, ProbeContext, Verdict } from './connector.ts'
export { defaultTable, defaultVerdict } from './verdict.ts'
export { defaultId } from './provider.ts'
