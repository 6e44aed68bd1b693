import {
  type ConnectContext,
  type Connector,
  InvalidError,
  type Phase,
  type ProbeContext,
  type Verdict,
} from '@tourniquet/core'
import type { Client, ClientConfig } from 'pg'
import { checkConnectorOptions, driverOf, type PgConnectorOptions } from './connector-options.ts'
import type { Driver } from './driver.ts'
import { isWritable, mayWrite, type TargetSessionAttrs } from './role.ts'
import { refuserOf, Server, serverOf } from './server.ts'
import { sessionClass } from './session.ts'
import { addressOf, idOf, type PgSource } from './source.ts'
import { dialVerdict, isReadOnlyError, isTainted, verdictOf } from './verdict.ts'

/**
 * Opens a session with a server, looks after its role, and knows whose fault its errors are. The service is one client of
 * node-postgres: what runs on it at the same time shares its transactions. `PgRoundRobin` puts a pool in its place.
 */
export class PgConnector implements Connector<PgSource, Client> {
  readonly target: TargetSessionAttrs
  readonly driver: Driver
  /** Those that are connected, in the order in which they were. */
  readonly servers: Set<Server> = new Set()
  /** How long clients may take to finish what they have begun on a server that is left. */
  drainMs: () => number
  readonly #options: PgConnectorOptions
  #isTaken = false
  /** prefer-standby: those that were tried since one was last connected. Whoever comes round again may be a primary. */
  readonly #tried: Set<string> = new Set()

  /** @throws InvalidError where an option is not as expected */
  constructor(options: PgConnectorOptions = {}) {
    checkConnectorOptions(options)
    this.#options = options
    this.drainMs = () => options.drainMs ?? 5000
    this.target = options.targetSessionAttrs ?? 'any'
    this.driver = driverOf(options.pg)
  }

  /** @throws InvalidError if another has it: each would leave the servers of the other */
  take(): void {
    if (this.#isTaken)
      throw new InvalidError('connector is that of another PgRoundRobin: give each a PgConnector of its own')
    this.#isTaken = true
  }

  async connect(source: PgSource, { signal, lost }: ConnectContext): Promise<Client> {
    const id = this.id(source)
    const Session = sessionClass(this.driver)
    const address = addressOf(source)
    const config = ofItsOwn({ ...this.#options.pool, ...address })
    const session = new Session(config)
    const server = new Server({ id, source, address, session, config, target: this.#targetFor(id), lost })
    try {
      await server.open(signal)
      this.#tried.clear()
      this.servers.add(server)
      return session
    } catch (error) {
      if (!this.#isServed) this.#tried.add(id)
      session.cut(error as Error)
      throw error
    }
  }

  async disconnect(service: Client): Promise<void> {
    const server = serverOf(service)
    this.servers.delete(server)
    await server.close(this.drainMs())
  }

  probe(service: Client, { signal }: ProbeContext<PgSource>): Promise<void> {
    return serverOf(service).probe(signal)
  }

  judge(error: unknown, phase: Phase): Verdict | undefined | Promise<Verdict> {
    if (phase === 'connect') return dialVerdict(error)
    return isReadOnlyError(error) ? this.#judgeReadOnly(error) : verdictOf(error, phase)
  }

  id(source: PgSource): string {
    return idOf(source)
  }

  /** `BEGIN READ ONLY` on a server that takes writes is the caller's own doing. */
  #judgeReadOnly(error: unknown): Verdict | Promise<Verdict> {
    const server = refuserOf(error)
    if (!server || !mayWrite(this.target)) return 'caller'
    return server.role().then(
      (role) => (isWritable(role) ? 'caller' : isTainted(error) ? 'unsure' : 'next'),
      () => 'suspect',
    )
  }

  #targetFor(id: string): TargetSessionAttrs {
    if (this.target !== 'prefer-standby') return this.target
    return this.#tried.has(id) && !this.#isServed ? 'any' : 'standby'
  }

  /** Whether one is connected, and stays: who is dialled beside it, as a spare or for failback, is no last resort. */
  get #isServed(): boolean {
    return [...this.servers].some(({ isLeft }) => !isLeft)
  }
}

/** How long it may take to ask whether a server is well, the engine says: not what its user allows his own statements. */
function ofItsOwn({ query_timeout: _, statement_timeout: __, ...config }: ClientConfig): ClientConfig {
  return config
}
