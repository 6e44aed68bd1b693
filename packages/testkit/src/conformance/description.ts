import type { Connector, Options, RoundRobin } from '@tourniquet/core'
import type { ChildServer } from '../process/child-server.ts'
import type { Address } from '../process/server-options.ts'

/** The guarantees that the suite proves: see `docs/guarantees.md`. */
export type Guarantee = `G${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14}`

/** What the suite needs of a `RoundRobin`, or of a package's own class on top of it. */
export type Engine<Source, Client> = Pick<
  RoundRobin<Source, Client>,
  'run' | 'connect' | 'current' | 'failover' | 'on' | 'close'
>

/** A real server that can be killed, frozen and started again on the same port. A `ChildServer` is one. */
export type TestServer = Pick<ChildServer, 'host' | 'port' | 'state' | 'kill' | 'restart' | 'freeze' | 'thaw'> &
  AsyncDisposable

/**
 * What the tests ask of a service. Each gets what `run` hands out; what it throws must be the driver's own error, as it
 * came.
 */
export interface Operations<Client> {
  /**
   * A read that says which server answers: anything that differs between servers and stays the same over a restart, such
   * as the port it listens on or the name it was started with.
   */
  who(client: Client): Promise<unknown>
  /** Adds `id` to the ledger of the server, once: not idempotent. `id` has letters, digits and dashes only. */
  write(client: Client, id: string): Promise<unknown>
  /** Something that the server accepts and does not answer, for as long as it lives. It may occupy its connection. */
  hang(client: Client): Promise<unknown>
  /** Something that any server refuses: the caller's own error. */
  refuse(client: Client): Promise<unknown>
  /**
   * A write in what the caller himself declared read-only (`BEGIN READ ONLY`): refused by a server that is well. Left
   * out where the protocol has no such thing; then `cannot` says so.
   */
  writeReadOnly?(client: Client): Promise<unknown>
}

/** Servers of one kind, and the connector to them: what the suite and the ledger have in common. */
export interface Providers<Source, Service, Client, Server, Own, RR> {
  /** What is tested, as titles and messages name it. */
  readonly name: string
  /** Starts a server, in a process of its own, that is empty and can be written to. Disposing of it removes it. */
  start(name: string): Promise<Server>
  /** Makes a new connector each time. */
  connector(): Own & Connector<Source, Service>
  /** Puts an address in the form of a source. The address is the server's own, or that of a fault proxy before it. */
  source(address: Address, server: Server): Source
  /**
   * Makes what is tested. It must connect with `connector`, which the suite watches, and take `options` over its own.
   * Default: a `RoundRobin` of core.
   */
  roundRobin?(
    sources: readonly Source[],
    connector: Own & Connector<Source, Service>,
    options: Options,
  ): RR & Engine<Source, Client>
  /**
   * How an operation is run that needs no run options. Default: `rr.run(operation)`. A drop-in gives its own, such as
   * `(rr, operation) => operation(rr.client())`.
   */
  via?(rr: RR, operation: (client: Client) => Promise<unknown>): Promise<unknown>
  /** All ids that were ever written to that server, each as often as it was. Called while the server runs. */
  written(server: Server): Promise<readonly string[]>
  /**
   * Makes the server refuse writes without dropping a connection. Left out where the protocol knows no roles; then
   * `cannot` says so.
   */
  demote?(server: Server): unknown
  /** Undoes `demote`. The ledger keeps what was written. */
  promote?(server: Server): unknown
}

/** What {@link describeConnector} is told. */
export interface ConnectorDescription<Source, Service, Client, Server, Own, RR>
  extends Providers<Source, Service, Client, Server, Own, RR> {
  readonly operations: Operations<Client>
  /**
   * Bytes that the server's reply to `write` holds, and that it sends in no other case: the reply that holds them is
   * lost on its way. A function may make them of the id.
   */
  readonly reply: string | Uint8Array | ((id: string) => string | Uint8Array)
  /**
   * How many `hang` that server has begun and not ended. Left out: an operation is sent as soon as it is called; a pool
   * connects first.
   */
  hanging?(server: Server): Promise<number>
  /**
   * Why a provider that has lost one connection is asked whether it is well, and stays if it is. Left out: a connection
   * that was lost with operations in flight is a reason to leave.
   */
  readonly asksFirst?: string
  /** How many TCP connections one service opens at most, and why that is more than one. Default: 1. */
  readonly connections?: { readonly most: number; readonly why: string }
  /**
   * What the protocol cannot do, and why: a guarantee, or the beginning of a test's title. These tests are shown as
   * skipped, with the reason. Example: `{ G11: 'there are no roles' }`.
   */
  readonly cannot?: Readonly<Partial<Record<Guarantee | `${Guarantee} ${string}`, string>>>
}

/** Any description, for the suite itself: it never looks into a source, a service or a client. */
export type AnyDescription = ConnectorDescription<
  unknown,
  unknown,
  unknown,
  TestServer,
  unknown,
  Engine<unknown, unknown>
>

/** The same, of what the ledger has in common with it. */
export type AnyProviders = Providers<unknown, unknown, unknown, TestServer, unknown, Engine<unknown, unknown>>
