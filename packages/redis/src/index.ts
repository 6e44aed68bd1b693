// For those who use several Redis servers.
export { RedisRoundRobin } from './round-robin.ts'
export type { RedisConnectorOptions, RedisRoundRobinOptions } from './options.ts'
export type { RedisAddress, RedisSource } from './source.ts'
export type { FailoverRedis } from './failover-client.ts'
export type { Gap } from './subscriptions.ts'
export type { BatchResult } from './unit.ts'
export type { Role } from './verdict.ts'

// For those who build on it.
export { RedisConnector } from './connector.ts'
export { hidePassword } from './password.ts'
export { clientOfRun } from './provider-client.ts'
