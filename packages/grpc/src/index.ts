// For those who call gRPC services.
export { type ClientConstructor, GrpcRoundRobin } from './round-robin.ts'
export type { GrpcOptions, ReplayBufferBytes } from './options.ts'
export { type DescribedService, type Idempotent, idempotentMethods } from './idempotent.ts'
export type { GrpcSource, GrpcTarget } from './source.ts'
export type { FailoverStatus } from './status-of.ts'
export type { MovingCode } from './verdict.ts'

// For those who build on it.
export { GrpcConnector } from './connector.ts'
export type { GrpcConnectorOptions } from './connector-options.ts'
export { CallError } from './call-error.ts'
