// Servers and faults, for tests of anything that talks TCP

export { type ChildServer, type ServerState, startServer } from './process/child-server.ts'
export type { DropBy, DropReplyOptions, FaultMode, Way } from './proxy/fault.ts'
export { type FaultProxy, startProxy } from './proxy/fault-proxy.ts'
export { freePort } from './process/free-port.ts'
export type { Address, ServerOptions } from './process/server-options.ts'
export type { ProxyTarget } from './target.ts'
export { type Truthy, type WaitOptions, waitFor } from './wait-for.ts'

// The line server, its client and its connector: the smallest service there is

export { LineClient, type LineClientOptions } from './line/line-client.ts'
export { type LineConnector, type LineVerdict, lineConnector } from './line/line-connector.ts'
export { LineError } from './line/line-error.ts'
export { type LineServer, type LineServerOptions, startLineServer } from './line/line-server.ts'
