import type { Options } from '@tourniquet/core'
import type { TestServer } from '../conformance/description.ts'
import { type AnyEngine, leadsTo, roundRobinOf, runVia, sourceAt, startServers } from '../conformance/kind.ts'
import { startProxy } from '../proxy/fault-proxy.ts'
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
    const behind = async (server: TestServer) => {
      const { host, port } = server
      const proxy = await startProxy({ host, port })
      return { server, proxy, source: sourceAt(description, proxy, server) }
    }
    const providers = await Promise.all(servers.map(behind))
    const sources = providers.map(({ source }) => source)
    const rr = roundRobinOf(description, sources, description.connector(), { name: description.name, ...options })
    return new Field(
      description,
      providers.map(({ server, proxy }) => ({ server, proxy, rr })),
      rr,
    )
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
    if (current !== undefined) this.#current = this.providers.findIndex(({ proxy }) => leadsTo(current, proxy))
    return this.#current
  }

  write(id: string): Promise<unknown> {
    return runVia(this.#description, this.#rr, (client) => this.#description.operations.write(client, id))
  }

  /** Closes it, and waits until every server has seen that: nothing is written any more. */
  async close(): Promise<void> {
    await this.#rr.close({ drainMs: 0 })
    await waitFor(() => this.providers.every(({ proxy }) => proxy.open === 0), { what: 'all connections to be closed' })
  }

  /** All ids that are in the ledger; looked at until nothing is added any more. */
  async written(): Promise<readonly string[]> {
    let before: readonly string[] = []
    await waitFor(
      async () => {
        const earlier = before
        before = await this.#read()
        return earlier.length === before.length && before.length > 0
      },
      { intervalMs: 50, what: 'the ledger to be complete' },
    )
    return before
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
