// For those who use several PostgreSQL servers.
export { PgRoundRobin } from './round-robin.ts'
export type { PgConnectorOptions } from './connector-options.ts'
export type { PgRoundRobinOptions } from './options.ts'
export type { TargetSessionAttrs } from './role.ts'
export type { PgSource } from './source.ts'
export type { IsolationLevel, TransactionOptions } from './transaction.ts'
export type { Heard, ListenHandler, Listening } from './listener.ts'
export type { Driver } from './driver.ts'

// For those who build on it.
export { PgConnector } from './connector.ts'
