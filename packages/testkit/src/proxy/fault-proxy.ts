import type { Socket } from 'node:net'
import { freePort } from '../process/free-port.ts'
import { addressOf, type ProxyTarget, urlThrough } from '../target.ts'
import * as faults from './fault.ts'
import { MutedConnection } from './muted-connection.ts'
import { PortListener } from './port-listener.ts'
import { ProxiedConnection } from './proxied-connection.ts'
import { ProxyState } from './proxy-state.ts'

/**
 * A TCP proxy in this process, on a port of 127.0.0.1 that stays its own, with one fault at a time.
 * The methods named after faults take effect on the connections at once; what they return resolves
 * when the proxy listens, or after `refuse()` no longer does.
 */
export class FaultProxy implements AsyncDisposable {
  readonly host: string = '127.0.0.1'
  readonly port: number
  /** The target's own URL with the proxy's host and port; `tcp://127.0.0.1:PORT` for a plain address. */
  readonly url: string
  readonly #state: ProxyState
  readonly #listener: PortListener
  /** Each with what resolves when it is closed and no longer here. */
  readonly #connections = new Map<ProxiedConnection | MutedConnection, Promise<unknown>>()
  #closed: Promise<void> | undefined

  constructor(target: ProxyTarget, port: number) {
    this.port = port
    this.url = urlThrough(target, port)
    this.#state = new ProxyState(addressOf(target))
    this.#state.struck = () => this.#afterStrike()
    this.#listener = new PortListener(port, (client) => this.#accept(client))
  }

  /** The present fault's name. */
  get mode(): faults.FaultMode {
    return this.#state.fault.mode
  }

  /** How many connections were ever accepted. */
  get accepted(): number {
    return this.#state.accepted
  }

  /** How many connections are open now, to the client or to the target. */
  get open(): number {
    return this.#connections.size
  }

  /** How often the target was dialled. */
  get dials(): number {
    return this.#state.dials
  }

  /** How many bytes were handed to the target. */
  get bytesUp(): number {
    return this.#state.bytesUp
  }

  /** How many bytes were handed to clients. */
  get bytesDown(): number {
    return this.#state.bytesDown
  }

  /** No fault; what was held back passes, in its order. */
  async pass(): Promise<void> {
    await this.#become(faults.PASS)
  }

  /** Stops listening: new connections are refused (ECONNREFUSED). Existing ones pass. */
  async refuse(): Promise<void> {
    await this.#become({ mode: 'refuse' })
  }

  /**
   * RST to all connections, and to each new one as soon as it is accepted. A client sees that as
   * ECONNRESET, while connecting or just after.
   */
  async reset(): Promise<void> {
    await this.#become({ mode: 'reset' })
  }

  /** New connections are accepted, never answered nor handed on, also later. Existing ones pass. */
  async mute(): Promise<void> {
    await this.#become({ mode: 'mute' })
  }

  /** Nothing passes, either way: no byte, no end, no reset; the target is not dialled. Nothing is lost. */
  async freeze(): Promise<void> {
    await this.#become({ mode: 'freeze' })
  }

  /**
   * Each connection is reset once exactly `bytes` more have passed that way, and were delivered;
   * with 0, when the first byte wants to pass.
   *
   * @throws TypeError if `bytes` is no whole number from 0, or `way` neither `up` (to the target) nor `down`
   */
  async cutAfter(bytes: number, way: faults.Way): Promise<void> {
    await this.#become(faults.cutAfterFault(bytes, way))
  }

  /**
   * Each chunk passes `ms` milliseconds after it came, both ways and in order; the target is
   * dialled as much later.
   *
   * @throws TypeError if `ms` is not a time from 0
   */
  async delay(ms: number): Promise<void> {
    await this.#become(faults.delayFault('delay', ms))
  }

  /**
   * The target is dialled `ms` milliseconds after a connection was accepted, as if its handshake took so long; from then
   * on everything passes at once.
   *
   * @throws TypeError if `ms` is not a time from 0
   */
  async delayDial(ms: number): Promise<void> {
    await this.#become(faults.delayFault('delayDial', ms))
  }

  /**
   * Drops the reply that holds `pattern`, so after the request was executed: from the pattern's
   * first byte on nothing reaches the client, and the connection is reset (or falls silent). Chunk borders do not
   * matter; bytes that may be the pattern's beginning wait for those that follow.
   *
   * @throws TypeError if the pattern is neither a string nor bytes, or empty, or an option is wrong
   */
  async dropReply(pattern: string | Uint8Array, options?: faults.DropReplyOptions): Promise<void> {
    await this.#become(faults.dropReplyFault(pattern, options))
  }

  /** RST to all connections there are now, once; the fault stays as it is. */
  cut(): void {
    for (const connection of this.#connections.keys()) connection.reset()
  }

  /** Resets all connections and stops listening; resolves when every socket is closed. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #become(fault: faults.Fault): Promise<void> {
    if (this.#closed) throw new Error('the fault proxy is closed: start another one')
    if (fault.mode === 'reset') this.cut()
    this.#apply(fault)
    await (fault.mode === 'refuse' ? this.#listener.unlisten() : this.#listener.listen())
  }

  #apply(fault: faults.Fault): void {
    this.#state.fault = fault
    for (const connection of this.#connections.keys()) connection.faultChanged()
  }

  #afterStrike(): void {
    const { fault } = this.#state
    if (fault.mode === 'dropReply' && fault.once) this.#apply(faults.PASS)
  }

  async #shutDown(): Promise<void> {
    await this.#listener.unlisten()
    this.cut()
    await Promise.all(this.#connections.values())
  }

  #accept(client: Socket): void {
    this.#state.accepted += 1
    const isDead = this.mode === 'mute' || this.mode === 'reset'
    const connection = isDead ? new MutedConnection(client) : new ProxiedConnection(client, this.#state)
    const gone = connection.closed().then(() => this.#connections.delete(connection))
    this.#connections.set(connection, gone)
    if (this.mode === 'reset') connection.reset()
  }
}

/**
 * Starts a proxy in front of `target` that passes everything, until a fault is set.
 *
 * @throws TypeError if the target is neither a URL with a port nor `{ host, port }`
 */
export async function startProxy(target: ProxyTarget): Promise<FaultProxy> {
  addressOf(target)
  const proxy = new FaultProxy(target, await freePort())
  await proxy.pass()
  return proxy
}
