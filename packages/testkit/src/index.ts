// Servers and faults, for tests of anything that talks TCP

export { type ChildServer, type ServerState, startServer } from './child-server.ts'
export type { DropBy, DropReplyOptions, FaultMode, Way } from './fault.ts'
export { type FaultProxy, startProxy } from './fault-proxy.ts'
export { freePort } from './free-port.ts'
export type { Address, ServerOptions } from './server-options.ts'
export type { ProxyTarget } from './target.ts'
export { type Truthy, type WaitOptions, waitFor } from './wait-for.ts'

// The line server, its client and its connector: the smallest service there is

export { LineClient, type LineClientOptions } from './line-client.ts'
export { type LineConnector, type LineVerdict, lineConnector } from './line-connector.ts'
export { LineError } from './line-error.ts'
export { type LineServer, type LineServerOptions, startLineServer } from './line-server.ts'
