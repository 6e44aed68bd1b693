import {
  type ConnectContext,
  type Connector,
  type Phase,
  type ProbeContext,
  TimeoutError,
  type Verdict,
} from '@tourniquet/core'
import type { Redis, RedisOptions } from 'ioredis'
import { check } from './check.ts'
import { inOneGo } from './dial.ts'
import { checkConnectorOptions, type RedisConnectorOptions } from './options.ts'
import { ProviderClient } from './provider-client.ts'
import { addressOf, idOf, type RedisSource } from './source.ts'
import { type Role, verdictOf } from './verdict.ts'

/** Opens a client of ioredis to a server, looks after its role, and knows whose fault its errors are. */
export class RedisConnector implements Connector<RedisSource, Redis> {
  readonly role: Role
  readonly #options: RedisConnectorOptions
  /**
   * What asks whether a provider is well: the client's own connection may be busy with a BLPOP, or a long reply. Opened
   * when it is first asked.
   */
  readonly #controls = new WeakMap<Redis, ProviderClient>()

  /** @throws InvalidError */
  constructor(options: RedisConnectorOptions = {}) {
    checkConnectorOptions(options)
    this.#options = options
    this.role = options.role ?? 'master'
  }

  async connect(source: RedisSource, { signal, lost }: ConnectContext): Promise<Redis> {
    const client = await this.#open(source, signal)
    inOneGo(client.stream)
    client.once('close', () => {
      client.isDown = true
      lost(new Error(`${client.provider} has closed the connection, or it was lost`, { cause: client.lastError }))
    })
    return client
  }

  async disconnect(service: Redis): Promise<void> {
    const client = service as ProviderClient
    client.isGone = true
    this.#controls.get(client)?.destroy()
    for (const each of client.isDown ? client.attached : []) each.cut()
    client.destroy()
    await Promise.all([...client.attached].map((each) => each.leave()))
  }

  async probe(service: Redis, { signal, source }: ProbeContext<RedisSource>): Promise<void> {
    const client = service as ProviderClient
    // It may also be given up because the provider is left anyway.
    signal.addEventListener('abort', () => {
      client.isDown ||= signal.reason instanceof TimeoutError
    })
    try {
      // That it was lost may be told in this turn of the event loop: then nobody is dialled.
      await new Promise((resolve) => setImmediate(resolve))
      if (client.status !== 'ready') throw client.lastError ?? new Error(`${client.provider} has closed the connection`)
      const known = this.#controls.get(client)
      const control = known?.status === 'ready' ? known : await this.#control(client, source, signal)
      await within(signal, control, () => check(control, client.provider, this.role))
      client.keepAlive()
    } catch (error) {
      client.isDown ||= !signal.aborted
      throw error
    }
  }

  judge(error: unknown, phase: Phase): Verdict | undefined {
    return verdictOf(error, phase, this.role)
  }

  id(source: RedisSource): string {
    return idOf(source)
  }

  /** Throws if it does not say where a server is. Nothing is dialled. */
  assertSource(source: RedisSource): void {
    addressOf(source, this.#options.redis)
  }

  /** What ioredis is told of a server: where it is, and the option `redis`. */
  redisOptions(source: RedisSource): RedisOptions {
    const { redis } = this.#options
    return { ...redis, ...addressOf(source, redis) }
  }

  async #control(client: ProviderClient, source: RedisSource, signal: AbortSignal): Promise<ProviderClient> {
    const control = await this.#open(source, signal)
    if (client.isGone) control.destroy()
    this.#controls.set(client, control)
    return control
  }

  /** A client that is connected, and whose server is what it has to be. */
  async #open(source: RedisSource, signal: AbortSignal): Promise<ProviderClient> {
    const client = new ProviderClient(idOf(source), this.redisOptions(source))
    try {
      await within(signal, client, async () => {
        await client.connect()
        await check(client, client.provider, this.role)
      })
    } catch (error) {
      client.lastError ??= error as Error
    }
    // ioredis tells of a wrong password after the answer to what came next, which may be that of another user.
    await new Promise((resolve) => setImmediate(resolve))
    if (client.lastError === undefined) return client
    client.destroy()
    throw client.lastError
  }
}

/** Ends the client, and with it whatever it waits for, once the signal aborts. */
async function within(signal: AbortSignal, client: ProviderClient, work: () => Promise<void>): Promise<void> {
  const giveUp = () => client.destroy()
  signal.addEventListener('abort', giveUp)
  try {
    await work()
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
