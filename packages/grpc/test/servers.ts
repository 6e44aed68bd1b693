import { credentials } from '@grpc/grpc-js'
import { type FaultProxy, type GrpcServer, startGrpcServer, startProxy } from '@tourniquet/testkit'
import { onTestFinished } from 'vitest'
import { type GrpcOptions, GrpcRoundRobin, type GrpcSource } from '../src/index.ts'

/** Real servers, one for each name, gone after the test. */
export async function servers<Name extends string>(...names: Name[]): Promise<Record<Name, GrpcServer>> {
  const started = await Promise.all(names.map(async (name) => [name, await startGrpcServer({ name })] as const))
  onTestFinished(async () => {
    await Promise.all(started.map(([, server]) => server[Symbol.asyncDispose]()))
  })
  return Object.fromEntries(started) as Record<Name, GrpcServer>
}

/** A fault proxy before a server, gone after the test. */
export async function proxyTo({ host, port }: GrpcServer): Promise<FaultProxy & { readonly target: string }> {
  const proxy = await startProxy({ host, port })
  onTestFinished(() => proxy.close())
  return Object.assign(proxy, { target: `${proxy.host}:${proxy.port}` })
}

/** A `GrpcRoundRobin` in plain text, closed after the test. */
export function roundRobin(sources: readonly GrpcSource[], options: Partial<GrpcOptions> = {}): GrpcRoundRobin {
  const rr = new GrpcRoundRobin(sources, { credentials: credentials.createInsecure(), ...options })
  onTestFinished(() => rr.close({ drainMs: 0 }))
  return rr
}
