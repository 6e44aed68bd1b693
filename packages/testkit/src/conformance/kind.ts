import { inspect } from 'node:util'
import { type Options, RoundRobin } from '@tourniquet/core'
import type { Address } from '../process/server-options.ts'
import type { AnyProviders, Engine, TestServer } from './description.ts'

// What the suite and the ledger do with a description.

export type AnyEngine = Engine<unknown, unknown>

/** Starts so many servers at once; if one does not start, none is left. */
export async function startServers(kind: AnyProviders, names: readonly string[]): Promise<TestServer[]> {
  const starts = await Promise.allSettled(names.map((name) => kind.start(name)))
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const failed = starts.find((start) => start.status === 'rejected')
  if (!failed) return servers
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  throw failed.reason
}

/** The source of the server that is reached at `address`. */
export function sourceAt(kind: AnyProviders, { host, port }: Address, server: TestServer): unknown {
  return kind.source({ host, port }, server)
}

/** Whether a source leads there. A package's own class may put sources in a form of its own: the port is still in it. */
export function leadsTo(source: unknown, { port }: Address): boolean {
  return new RegExp(`\\b${port}\\b`).test(inspect(source))
}

export function roundRobinOf(
  kind: AnyProviders,
  sources: readonly unknown[],
  connector: ReturnType<AnyProviders['connector']>,
  options: Options,
): AnyEngine {
  return kind.roundRobin?.(sources, connector, options) ?? new RoundRobin(sources, connector, options)
}

/** Runs an operation without options of its own. */
export function runVia(
  kind: AnyProviders,
  rr: AnyEngine,
  operation: (client: unknown) => Promise<unknown>,
): Promise<unknown> {
  return kind.via?.(rr, operation) ?? rr.run(operation)
}
