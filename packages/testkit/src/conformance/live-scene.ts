import type { Attempt, FailoverReason, RunOptions } from '@tourniquet/core'
import { expect } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { type AnyEngine, leadsTo, roundRobinOf, runVia, sourceAt } from './kind.ts'
import { leaksOf } from './leaks.ts'
import { quiet } from './quiet.ts'
import type { Asked, Proof, Scene, StagedProvider, Work } from './scene.ts'
import type { Stage } from './stage.ts'
import { Witness } from './witness.ts'
import { endOf, inTime, STALL_MS } from './words.ts'

export class LiveScene implements Scene {
  readonly providers: readonly StagedProvider[]
  readonly witness: Witness<unknown, unknown>
  readonly connections: number
  readonly asksFirst: boolean
  readonly moves: FailoverReason[] = []
  readonly #stage: Stage
  readonly #rr: AnyEngine
  /** The name of each source's provider. */
  readonly #names: ReadonlyMap<unknown, string>

  /** Puts fresh proxies before the servers, all of which are well, and a `RoundRobin` over them. */
  static async start(stage: Stage, proof: Proof): Promise<LiveScene> {
    const providers = await stage.providers(proof.providers ?? 2)
    try {
      return new LiveScene(stage, providers, proof)
    } catch (error) {
      await Promise.all(providers.map(({ proxy }) => proxy.close()))
      throw error
    }
  }

  private constructor(stage: Stage, providers: readonly StagedProvider[], { options, isDirect }: Proof) {
    this.#stage = stage
    this.providers = providers
    const kind = stage.description
    this.connections = kind.connections?.most ?? 1
    this.asksFirst = kind.asksFirst !== undefined
    this.#names = new Map(
      providers.map(({ name, server, proxy }) => [sourceAt(kind, isDirect ? server : proxy, server), name]),
    )
    this.witness = new Witness((source) => this.#nameOf(source))
    const connector = kind.connector()
    if (options?.heartbeatMs !== undefined && !connector.probe) {
      throw new Error('the connector has no probe: give it one, or let cannot say why it has none')
    }
    this.witness.watch(connector)
    this.#rr = roundRobinOf(kind, [...this.#names.keys()], connector, {
      ...quiet,
      maxAttempts: providers.length + 1,
      ...options,
    })
    this.#rr.on('failover', ({ reason }) => this.moves.push(reason))
  }

  get a(): StagedProvider {
    return this.providers[0] as StagedProvider
  }

  get b(): StagedProvider {
    return this.providers[1] as StagedProvider
  }

  get c(): StagedProvider {
    return this.providers[2] as StagedProvider
  }

  get current(): string | undefined {
    const { current } = this.#rr
    return current === undefined ? undefined : this.#nameOf(current)
  }

  id(): string {
    return this.#stage.id()
  }

  async via<T>(work: (asked: Asked) => Promise<T>): Promise<T> {
    return (await runVia(this.#stage.description, this.#rr, (client) => work(this.#asked(client)))) as T
  }

  run<T>(work: Work<T>, options?: RunOptions): Promise<T> {
    return this.#rr.run((client, context) => work(this.#asked(client), context), options)
  }

  ask(): Promise<string> {
    return this.via((asked) => asked.who())
  }

  async isServedBy(name: string): Promise<void> {
    expect(await this.ask(), 'who answers').toBe(name)
  }

  async loseReplyTo(id: string): Promise<void> {
    const { reply } = this.#stage.description
    await this.a.proxy.dropReply(typeof reply === 'function' ? reply(id) : reply)
  }

  namesOf(attempts: readonly Attempt[]): readonly string[] {
    return attempts.map(({ source }) => this.#nameOf(source))
  }

  connect(): Promise<unknown> {
    return this.#rr.connect()
  }

  failover(): Promise<unknown> {
    return this.#rr.failover()
  }

  close(options: { drainMs: number } = { drainMs: 0 }): Promise<void> {
    return this.#rr.close(options)
  }

  async leaks(): Promise<readonly string[]> {
    const leaks = () => leaksOf(this.witness.dials, this.providers)
    await waitFor(() => leaks().length === 0, { timeoutMs: STALL_MS }).catch(() => {})
    return leaks()
  }

  /** After the test: closes everything, and says what is left of it. */
  async end(): Promise<readonly string[]> {
    const closed = await endOf(inTime(this.close(), 5000, 'close: it did not resolve'))
    // A frozen server does not see that its connections were closed.
    for (const { server } of this.providers) if (server.state === 'frozen') await server.thaw()
    const leaks = await this.leaks()
    await Promise.all(this.providers.map(({ proxy }) => proxy.close()))
    return 'error' in closed ? [String(closed.error), ...leaks] : leaks
  }

  #nameOf(source: unknown): string {
    const isAt = ({ server, proxy }: StagedProvider) => [server, proxy].some((address) => leadsTo(source, address))
    return this.#names.get(source) ?? this.providers.find(isAt)?.name ?? 'an unknown source'
  }

  #asked(client: unknown): Asked {
    const { operations } = this.#stage.description
    return {
      who: async () => this.#stage.nameOf(await operations.who(client)),
      write: (id) => operations.write(client, id),
      hang: () => operations.hang(client),
      refuse: () => operations.refuse(client),
      writeReadOnly: () => operations.writeReadOnly?.(client) ?? Promise.resolve(),
    }
  }
}
