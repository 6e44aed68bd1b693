import { type ConnectContext, type Phase, RoundRobin, type Verdict } from '@tourniquet/core'
import { describeConnector } from '../src/conformance.ts'
import { type LineClient, lineConnector } from '../src/index.ts'
import { line, type Requests } from './conformance-fixtures/line.ts'

// What an adapter may have beside a connector: a pool as its service, a class of its own, a drop-in.

const honest = lineConnector()

/** Two connections; requests go to them by turns. */
class Pool implements Requests {
  readonly #clients: readonly LineClient[]
  #turn = 0

  static async open(source: string, context: ConnectContext): Promise<Pool> {
    const opened = await Promise.allSettled([honest.connect(source, context), honest.connect(source, context)])
    const pool = new Pool(opened.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])))
    const failed = opened.find((end) => end.status === 'rejected')
    if (!failed) return pool
    await pool.close()
    throw failed.reason
  }

  constructor(clients: readonly LineClient[]) {
    this.#clients = clients
  }

  request(command: string, options?: { signal: AbortSignal }): Promise<string> {
    this.#turn = (this.#turn + 1) % this.#clients.length
    return (this.#clients[this.#turn] as LineClient).request(command, options)
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
  }
}

class PoolConnector {
  connect(source: string, context: ConnectContext): Promise<Pool> {
    return Pool.open(source, context)
  }

  judge(error: unknown, phase: Phase): Verdict | undefined {
    return honest.judge(error, phase)
  }

  async disconnect(pool: Pool): Promise<void> {
    await pool.close()
  }

  async probe(pool: Pool, { signal }: { signal: AbortSignal }): Promise<void> {
    await pool.request('PING', { signal })
  }
}

class PoolRoundRobin extends RoundRobin<string, Pool> {
  /** The drop-in: each request is a run of its own. */
  client(): Requests {
    return { request: (command) => this.run((pool) => pool.request(command)) }
  }
}

describeConnector({
  ...line,
  name: 'a drop-in over pools',
  connector: () => new PoolConnector(),
  roundRobin: (sources, connector: PoolConnector, options) => new PoolRoundRobin(sources, connector, options),
  via: (rr, operation) => operation(rr.client()),
  connections: { most: 2, why: 'a pool of two' },
  cannot: { 'G11 a failed role probe': 'its probe does not ask for the role' },
})
