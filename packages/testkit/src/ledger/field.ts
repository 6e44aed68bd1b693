import type { Options } from '@tourniquet/core'
import type { TestServer } from '../conformance/description.ts'
import { type AnyEngine, leadsTo, roundRobinOf, runVia, sourceAt, startServers } from '../conformance/kind.ts'
import { type FaultProxy, startProxy } from '../proxy/fault-proxy.ts'
import { waitFor } from '../wait-for.ts'
import type { AnyLedger } from './description.ts'
import type { Struck } from './faults.ts'

/** Servers, each behind a fault proxy, and a `RoundRobin` that writes to them. */
export class Field {
  readonly providers: readonly Struck<TestServer>[]
  failovers = 0
  readonly #description: AnyLedger
  readonly #rr: AnyEngine
  #current = 0

  static async start(description: AnyLedger, count: number, options: Options): Promise<Field> {
    const names = Array.from({ length: count }, (_, index) => String.fromCharCode(65 + index))
    const servers = await startServers(description, names)
    try {
      const proxies = await Promise.all(servers.map(({ host, port }) => startProxy({ host, port })))
      const pairs = servers.map((server, at) => ({ server, proxy: proxies[at] as FaultProxy }))
      const sources = pairs.map(({ server, proxy }) => sourceAt(description, proxy, server))
      const rr = roundRobinOf(description, sources, description.connector(), { name: description.name, ...options })
      return new Field(
        description,
        pairs.map((pair) => ({ ...pair, rr })),
        rr,
      )
    } catch (error) {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
      throw error
    }
  }

  constructor(description: AnyLedger, providers: readonly Struck<TestServer>[], rr: AnyEngine) {
    this.#description = description
    this.providers = providers
    this.#rr = rr
    rr.on('failover', () => this.failovers++)
  }

  /** Where the current provider stands in the list; while there is none, the last one. */
  get current(): number {
    const { current } = this.#rr
    const at = this.providers.findIndex(({ proxy }) => current !== undefined && leadsTo(current, proxy))
    if (at >= 0) this.#current = at
    return this.#current
  }

  write(id: string): Promise<unknown> {
    return runVia(this.#description, this.#rr, (client) => this.#description.operations.write(client, id))
  }

  /** Closes it, and waits until every server has seen that: nothing is written any more. Says what stays open. */
  async close(): Promise<string[]> {
    await this.#rr.close({ drainMs: 0 })
    const sockets = (): number => this.providers.reduce((sum, { proxy }) => sum + proxy.open, 0)
    await waitFor(() => sockets() === 0).catch(() => {})
    return sockets() === 0 ? [] : [`G7 connections that are open after close(): ${sockets()}`]
  }

  /** All ids that are in the ledger; looked at until nothing is added any more. */
  async written(): Promise<readonly string[]> {
    let last: readonly string[] | undefined
    const isComplete = async (): Promise<boolean> => {
      const before = last?.length
      last = await this.#read()
      return last.length === before
    }
    await waitFor(isComplete, { intervalMs: 50, what: 'the ledger to be complete' })
    return last ?? []
  }

  async dispose(): Promise<void> {
    await this.#rr.close({ drainMs: 0 })
    await Promise.all(this.providers.map(({ proxy }) => proxy.close()))
    await Promise.all(this.providers.map(({ server }) => server[Symbol.asyncDispose]()))
  }

  async #read(): Promise<readonly string[]> {
    const servers = this.providers.map(({ server }) => server)
    if (this.#description.read) return this.#description.read(servers)
    const ledgers = await Promise.all(servers.map((server) => this.#description.written(server)))
    return ledgers.flat()
  }
}
