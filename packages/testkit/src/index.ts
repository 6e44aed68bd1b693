// Servers and faults, for tests of anything that talks TCP

export { type ChildServer, type ServerState, startServer } from './process/child-server.ts'
export type { DropBy, DropReplyOptions, FaultMode, Way } from './proxy/fault.ts'
export { type FaultProxy, startProxy } from './proxy/fault-proxy.ts'
export { freePort } from './process/free-port.ts'
export type { Address, ServerOptions, StartingServer } from './process/server-options.ts'
export type { ProxyTarget } from './target.ts'
export { type Truthy, type WaitOptions, waitFor } from './wait-for.ts'

// The line server, its client and its connector: the smallest service there is

export { LineClient, type LineClientOptions } from './line/line-client.ts'
export {
  type LineConnector,
  type LineConnectorOptions,
  type LineVerdict,
  lineConnector,
} from './line/line-connector.ts'
export { LineError } from './line/line-error.ts'
export { type LineServer, type LineServerOptions, startLineServer } from './line/line-server.ts'

// Redis, alone or with a replica

export type { RedisOptions, RedisPairOptions } from './redis/redis-options.ts'
export { type RedisPair, startRedisPair } from './redis/redis-pair.ts'
export type { RedisRole, RedisServer } from './redis/redis-server.ts'
export { startRedis } from './redis/start-redis.ts'

// HAProxy, and what it says of a configuration

export { checkWithHAProxy, type HAProxyCheck } from './haproxy/check-with-haproxy.ts'
export type { HAProxyOptions } from './haproxy/haproxy-options.ts'
export type { HAProxyServer } from './haproxy/haproxy-server.ts'
export { needHAProxy } from './haproxy/need-haproxy.ts'
export { startHAProxy } from './haproxy/start-haproxy.ts'

// PostgreSQL, alone or with a standby

export type {
  PostgresOptions,
  PostgresPairOptions,
  PostgresSettings,
  PostgresStandbyOptions,
} from './postgres/postgres-options.ts'
export { type PostgresPair, startPostgresPair } from './postgres/postgres-pair.ts'
export type { PostgresServer } from './postgres/postgres-server.ts'
export { startPostgres } from './postgres/start-postgres.ts'

// gRPC: a server, and what its clients need to know

export type {
  GrpcMethod,
  HealthReply,
  HealthRequest,
  ProviderReply,
  ProviderRequest,
} from '../programs/grpc-provider.mjs'
export { healthService, providerService } from '../programs/grpc-provider.mjs'
export type { GrpcServerOptions, TlsFiles } from './grpc/grpc-options.ts'
export { type GrpcServer, startGrpcServer } from './grpc/grpc-server.ts'

// Certificates, for servers and clients that use TLS

export {
  type CertificateAuthority,
  type CertificateFiles,
  type CertificateOptions,
  startCertificateAuthority,
} from './tls/certificate-authority.ts'
