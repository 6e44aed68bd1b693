import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerOptions,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { type ProviderReply, type ProviderRequest, providerService } from '@tourniquet/testkit'
import { healthCheck } from '../http2-server.ts'

/** As grpc-js has it. What it returns is not looked at, so it may be async. */
type Handler<Handle extends (...parameters: never) => void> = (...parameters: Parameters<Handle>) => unknown
type Unary = Handler<handleUnaryCall<ProviderRequest, ProviderReply>>

/** What a test wants the testkit's service to do; what is left out is UNIMPLEMENTED. */
export interface Handlers {
  Who?: Unary
  Exec?: Unary
  Hang?: Unary
  Count?: Handler<handleServerStreamingCall<ProviderRequest, ProviderReply>>
  Collect?: Handler<handleClientStreamingCall<ProviderRequest, ProviderReply>>
  Chat?: Handler<handleBidiStreamingCall<ProviderRequest, ProviderReply>>
}

/** A server in this process, so that a test sees what it sees. */
export interface LocalServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly target: string
}

export async function serve(handlers: Handlers, options: ServerOptions & { port?: number } = {}): Promise<LocalServer> {
  const { port: wanted = 0, ...serverOptions } = options
  const server = new Server(serverOptions)
  server.addService(providerService, handlers as UntypedServiceImplementation)
  // Where grpc-js 1.13 has no handler at all, nobody listens to the errors of the stream: a reset that comes at once would
  // be an uncaught exception of the tests.
  const unknown: handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback({ code: status.UNIMPLEMENTED })
  server.register(healthCheck, unknown, asIs, asIs, 'unary')
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
  return {
    host: '127.0.0.1',
    port,
    target: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => shutDown(server),
  }
}

const asIs = (bytes: Buffer) => bytes

/** Gives the sessions of clients that are closed the time to end: to cut them off throws in grpc-js 1.13. */
async function shutDown(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), 5000)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
}

/** What a handler replies. */
export function reply(fields: Partial<ProviderReply> = {}): ProviderReply {
  return { provider: 'local', text: '', number: 0, ...fields }
}

/** A moment that a test waits for. */
export function moment<T = void>(): { reached: Promise<T>; reach: (value: T) => void } {
  let reach!: (value: T) => void
  const reached = new Promise<T>((resolve) => {
    reach = resolve
  })
  return { reached, reach }
}
