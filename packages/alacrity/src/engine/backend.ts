import { type Algorithm, type Asker, algorithmOf } from '../balance/index.ts'
import type { ProxyConfig } from '../config/model.ts'
import { shared } from './cells.ts'
import { lock, unlock } from './lock.ts'
import { Numbers } from './numbers.ts'
import type { ProxyPlan } from './plan.ts'
import { Server } from './server.ts'

/** What a session got when it asked for a server. */
export type Pick =
  | { readonly server: Server }
  /** All that could be used are full; or this one is, and it must be this one. */
  | { readonly full: true; readonly server?: Server }
  /** There is none that could be used. */
  | { readonly none: true }

const none: Pick = { none: true }
const full: Pick = { full: true }

/** A backend as a data thread sees it. */
export class Backend {
  readonly serial: number
  readonly numbers: Numbers
  readonly #thread: number
  config: ProxyConfig
  servers: readonly Server[] = []
  #algorithm: Algorithm
  #byName = new Map<string, Server>()
  /** Those that take part, as of this version. */
  #list: readonly Server[] = []
  #version: number | undefined

  constructor(plan: ProxyPlan, thread: number) {
    this.#thread = thread
    this.serial = plan.serial
    this.numbers = new Numbers(plan.backend as SharedArrayBuffer, thread)
    this.config = plan.config
    this.#algorithm = algorithmOf(plan.config)
    this.update(plan)
  }

  get name(): string {
    return this.config.name
  }

  /** Another configuration for the same backend: servers that stay keep their sessions and their numbers. */
  update(plan: ProxyPlan): void {
    const algorithm = JSON.stringify([plan.config.balance, plan.config.hashType])
    if (algorithm !== JSON.stringify([this.config.balance, this.config.hashType])) this.#balanceBy(plan.config)
    this.config = plan.config
    const before = this.#byName
    this.servers = plan.servers.map((each, index) => {
      const server = before.get(each.config.name)
      if (!server || server.serial !== each.serial) return new Server(each, index, this.#thread)
      server.config = each.config
      server.address = each.address
      return server
    })
    this.#byName = new Map(this.servers.map((server) => [server.name, server]))
    this.#version = undefined
  }

  server(name: string): Server | undefined {
    return this.#byName.get(name)
  }

  /** Is it one of them still? A reload may have removed it, or given its name to another one. */
  has(server: Server): boolean {
    return this.#byName.get(server.name) === server
  }

  /** Servers that can be picked and are no backups. */
  get activeServers(): number {
    const usable = this.#usable()
    return usable[0]?.config.backup ? 0 : usable.length
  }

  /** HAProxy's `nbsrv`: how many take part now. */
  get usableServers(): number {
    return this.#usable().length
  }

  /** Gives a server, one session of which is taken with it; it is to be given back with `release`. */
  pick(asker: Asker, avoid: Server | undefined, isItsTurn: boolean): Pick {
    const usable = this.#usable()
    if (usable.length === 0) return none
    if (this.#algorithm.isSticky) return this.pickThis(this.#algorithm.choose(usable, asker), isItsTurn)
    // Who comes later stands behind those who wait.
    if (!isItsTurn && this.numbers.hasQueue) return full
    lock(this.numbers.shared, this.#thread)
    try {
      return this.#balanced(usable, asker, avoid, isItsTurn)
    } finally {
      unlock(this.numbers.shared)
    }
  }

  /** The same for one server that was chosen otherwise (`use-server`, the same again, `balance failover`). */
  pickThis(server: Server, isItsTurn: boolean): Pick {
    const isBehind = !isItsTurn && server.hasQueue
    return !isBehind && server.numbers.tryEnter() ? { server } : { full: true, server }
  }

  /** What the algorithm before it has noted means nothing to another one. */
  #balanceBy(config: ProxyConfig): void {
    this.#algorithm = algorithmOf(config)
    lock(this.numbers.shared, this.#thread)
    this.numbers.shared[shared.current] = 0
    for (const { numbers } of this.servers) numbers.shared[shared.turn] = 0
    unlock(this.numbers.shared)
  }

  #balanced(usable: readonly Server[], asker: Asker, avoid: Server | undefined, isItsTurn: boolean): Pick {
    for (;;) {
      const free = without(usable, isItsTurn ? isFull : isTaken)
      if (free.length === 0) return full
      const others = avoid && free.length > 1 ? free.filter((server) => server !== avoid) : free
      const server = this.#algorithm.choose(others, asker, free)
      // Not for sure: who wants just this one takes its place without the lock.
      if (server.numbers.tryEnter()) return { server }
    }
  }

  /**
   * The servers that take part now: the active ones, or the first backup where none of them can, or all backups. The
   * same list for as long as nothing has changed.
   */
  #usable(): readonly Server[] {
    const cells = this.numbers.shared
    if (cells[shared.version] !== this.#version) {
      // Read before what it stands for: what changes in between is seen the next time.
      this.#version = Atomics.load(cells, shared.version)
      this.#list = this.#ofKind(false)
      if (this.#list.length === 0) this.#list = this.#ofKind(true).slice(0, this.config.allbackups ? undefined : 1)
    }
    return this.#list
  }

  #ofKind(isBackup: boolean): readonly Server[] {
    return this.servers.filter((server) => server.config.backup === isBackup && server.mayServe)
  }
}

function isFull(server: Server): boolean {
  return server.isFull
}

/** Its places are for those who wait for it. */
function isTaken(server: Server): boolean {
  return server.isFull || server.hasQueue
}

/** The list itself, where there is nobody to leave out: so it is nearly always. */
function without(servers: readonly Server[], isOut: (server: Server) => boolean): readonly Server[] {
  return servers.some(isOut) ? servers.filter((server) => !isOut(server)) : servers
}
