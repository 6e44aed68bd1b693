import { type Connector, RoundRobin } from '@tourniquet/core'
import type { Backend } from '../engine/backend.ts'
import { shared } from '../engine/cells.ts'
import type { Server } from '../engine/server.ts'
import type { Connecting } from '../engine/session/connecting.ts'

/** What is connected to a server: it dials it for one session. */
type Dialler = (connecting: Connecting) => Promise<void>

/** The server could not be dialled, or went out while it was waited for: the next one. */
class DialError extends Error {
  override readonly name = 'DialError'
}

/** There is no more to dial: the tries are used up, or the session is over. No server is to blame for that. */
class RunOver extends Error {
  override readonly name = 'RunOver'
}

/** How often a session is dialled is for `retries` to say. The wait comes after all have failed: checks know when one is back. */
const options = {
  idempotent: true,
  maxAttempts: Number.POSITIVE_INFINITY,
  backoff: { initialMs: 50, maxMs: 500 },
}

/**
 * `balance failover`: all connections go to one server as long as it takes them, then all to the next. It is core's
 * round robin, whose service is a dialler: a session is a run, a failed dial its verdict, redispatch its failover. It
 * knows only the servers that may serve.
 *
 * Each data thread has one of its own; they agree through a cell of the backend, in which is whom all are with.
 */
export class Stay {
  readonly #backend: Backend
  #ring: RoundRobin<Server, Dialler> | undefined
  /** Those that may serve, in the order of the file, backups last. */
  #sources: readonly Server[] = []
  /** What the backend's version was when they were looked up. */
  #version: number | undefined
  /** Whom all were with when this thread looked last. */
  #agreed = 0
  /** Those that could not be dialled since one could. */
  readonly #failed = new Set<Server>()

  constructor(backend: Backend) {
    this.#backend = backend
    this.update()
  }

  connect(connecting: Connecting): void {
    this.#look()
    if (this.#ring) this.#run(this.#ring, connecting)
    else connecting.giveUp()
  }

  /** A server went down, into maintenance, or is to be drained; or its servers are other ones. */
  update(): void {
    this.#version = undefined
    this.#look()
  }

  close(): void {
    void this.#ring?.close({ drainMs: 0 })
    this.#ring = undefined
    this.#agreed = 0
  }

  #run(ring: RoundRobin<Server, Dialler>, connecting: Connecting): void {
    const { session, backend } = connecting
    let previous: Server | undefined
    ring
      .run((dial, { source }) => {
        if (session.isOver || connecting.dials > backend.config.retries) throw new RunOver()
        if (previous) connecting.countRedispatch(previous)
        previous = source
        return dial(connecting)
      })
      .catch(() => {
        if (!session.isOver) connecting.giveUp()
      })
  }

  #connector(): Connector<Server, Dialler> {
    return {
      // One with another address is another one, though its name is the same.
      id: (server) => `${server.name} ${server.serial}`,
      connect: (server) => {
        this.#agreed = server.serial
        Atomics.store(this.#backend.numbers.shared, shared.current, server.serial)
        return (connecting) => this.#dial(server, connecting)
      },
      disconnect: () => {},
      judge: (error) => (error instanceof RunOver ? 'caller' : 'next'),
    }
  }

  #dial(server: Server, connecting: Connecting): Promise<void> {
    return new Promise((resolve, reject) => {
      connecting.dial(server, (error) => {
        if (error && connecting.session.isOver) return reject(new RunOver())
        if (error) {
          this.#hasFailed(server)
          return reject(new DialError(error.message))
        }
        if (connecting.session.isOpen) this.#failed.clear()
        resolve()
      })
    })
  }

  /** Is the ring as it should be? The state of a server may have changed, or another thread have moved on. */
  #look(): void {
    const cells = this.#backend.numbers.shared
    // Before what it stands for: what changes in between is seen the next time.
    const version = Atomics.load(cells, shared.version)
    if (version !== this.#version) {
      this.#version = version
      this.#list(inOrder(this.#backend.servers))
    }
    const current = Atomics.load(cells, shared.current)
    if (current !== this.#agreed) this.#follow(current)
  }

  /** These may serve now. */
  #list(sources: readonly Server[]): void {
    const before = this.#sources
    if (sources.length === before.length && sources.every((each, at) => each === before[at])) return
    const next = this.#nextIn(sources)
    this.#sources = sources
    this.#failed.clear()
    if (sources.length === 0) this.close()
    else if (!this.#ring) this.#ring = new RoundRobin(sources, this.#connector(), options)
    else if (next) this.#goTo(next)
    else this.#ring.setSources(sources)
  }

  /** Whom to go to if these may serve instead of those before. None: it stays, or there is nobody to leave. */
  #nextIn(sources: readonly Server[]): Server | undefined {
    const current = this.#ring?.current
    if (!current) return undefined
    // A backup serves while no other can.
    const isBack = (each: Server) => !each.config.backup && !this.#sources.includes(each)
    if (current.config.backup && sources.some(isBack)) return sources.find(isBack)
    if (sources.includes(current)) return undefined
    const { servers } = this.#backend
    const at = servers.indexOf(current)
    return sources.find((each) => !each.config.backup && servers.indexOf(each) > at) ?? sources[0]
  }

  /** Another thread has moved on: so does this one, before it finds out by itself. */
  #follow(serial: number): void {
    const server = this.#sources.find((each) => each.serial === serial)
    if (!server) return
    this.#agreed = serial
    if (server !== this.#ring?.current) this.#goTo(server)
  }

  /** The ring goes on to the next one by itself; but not to a backup before all others have been tried. */
  #hasFailed(server: Server): void {
    this.#look()
    this.#failed.add(server)
    const at = this.#sources.indexOf(server)
    if (at < 0 || this.#ring?.current !== server) return
    const others = [...this.#sources.slice(at + 1), ...this.#sources.slice(0, at)]
    const active = others.find((each) => !each.config.backup && !this.#failed.has(each))
    if (others[0]?.config.backup && active) this.#goTo(active)
  }

  /** The next session goes there, and whoever waits for a server now. */
  #goTo(server: Server): void {
    this.#ring?.setSources([server])
    this.#ring?.setSources(this.#sources)
  }
}

/** Those that may serve, backups last. */
function inOrder(servers: readonly Server[]): Server[] {
  const able = servers.filter((each) => each.mayServe)
  return [...able.filter((each) => !each.config.backup), ...able.filter((each) => each.config.backup)]
}
