import { TimeoutError } from '@tourniquet/core'
import type { Client, ClientConfig } from 'pg'
import { misfitOf, type Role, reportedRole, roleOfRow, roleQuery, type TargetSessionAttrs } from './role.ts'
import type { Session } from './session.ts'
import type { PgSource } from './source.ts'
import { isEndedForCause, isServerGone, marked } from './verdict.ts'

/** A client that uses a server, and follows what becomes of it. */
export interface Follower {
  /** Nothing new goes to the server: what lies idle is ended, what works may finish. */
  left(why: Error): void
  /** Ends its connection at once. */
  cut(why: Error): void
  /** Resolves once its connection is closed: when it has finished, or at the latest after so many milliseconds. */
  leave(why: Error, withinMs: number): Promise<void>
}

export interface ServerDescription {
  readonly id: string
  readonly source: PgSource
  /** What is in the source. */
  readonly address: ClientConfig
  readonly session: Session
  /** How the server's own session is begun. */
  readonly config: ClientConfig
  readonly target: TargetSessionAttrs
  readonly lost: (error: Error) => void
}

// A session that somebody ended while the server is well is begun again.
const endedByHand = /^57P0[145]$/

/**
 * A server, while it is the one that is used. Its own session does nothing but ask whether it is well and what it is; the
 * clients that work there follow.
 */
export class Server {
  readonly id: string
  readonly source: PgSource
  readonly address: ClientConfig
  readonly session: Session
  readonly clients: Set<Follower> = new Set()
  /** A session there was lost, and it was not asked since. Whoever connects to it says this first. */
  doubt: Error | undefined
  /** Runs went there: it was the current one. */
  isUsed = false
  /** It answers no more: what is under way there will not finish. */
  isDown = false
  /** Aborts when nothing new goes there any more. */
  readonly leaving: AbortSignal
  readonly #about: ServerDescription
  /** Its own session was ended here, since the server did not answer. */
  #isGivenUp = false
  /** While its own session is begun again. */
  #opening: Promise<void> | undefined
  #asking: Promise<Role> | undefined
  readonly #leaving: AbortController = new AbortController()

  constructor(about: ServerDescription) {
    this.#about = about
    this.id = about.id
    this.source = about.source
    this.leaving = this.#leaving.signal
    this.address = about.address
    this.session = about.session
    servers.set(about.session, this)
  }

  /** Begins its own session. */
  async open(signal: AbortSignal): Promise<void> {
    const { config, target } = this.#about
    let reported: Role | undefined
    await this.session.dial({
      config,
      signal,
      misfit: (said) => {
        reported = reportedRole(said)
        return reported && misfitOf(reported, this.id, target)
      },
    })
    this.session.onGone = (error) => this.#sessionGone(error)
    this.session.onRefusal = (error) => this.refused(error)
    this.session.unref()
    if (!reported) await this.#within(signal, () => this.#checkRole())
  }

  /** Asks whether it is well, and still what is wanted. @throws if not */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      // That its session is lost may be told in this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#opening
      if (this.session.lostBy) throw this.session.lostBy
      await this.#within(signal, () => this.#checkRole())
      this.doubt = undefined
    } catch (error) {
      // It may also be given up because the server is left anyway.
      this.isDown ||= signal.aborted ? signal.reason instanceof TimeoutError : this.session.lostBy !== undefined
      throw error
    }
  }

  /** It has refused a statement: whoever judges that asks it why. */
  refused(error: Error): void {
    refusers.set(error, this)
  }

  /** A session there was lost. */
  doubted(error: Error): void {
    if (isServerGone(error)) this.#lost(error)
    else if (!isEndedForCause(error)) this.doubt ??= this.#doubtBecauseOf(error)
  }

  /** What it is now: asked once for all who want to know at the same time. */
  role(): Promise<Role> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<Role> {
    await this.#opening
    const { rows } = await this.session.query(roleQuery)
    return roleOfRow(rows[0])
  }

  /** What speaks against a session there, from what the server says when it begins. */
  readonly misfit = (said: Readonly<Record<string, string>>): Error | undefined => {
    const role = reportedRole(said)
    return role && misfitOf(role, this.id, this.#about.target)
  }

  get isLeft(): boolean {
    return this.leaving.aborted
  }

  /** Nothing new goes there from now on. */
  left(): void {
    if (this.isLeft) return
    this.#leaving.abort(this.#whyLeft())
    for (const client of [...this.clients]) client.left(this.#whyLeft())
  }

  #doubtBecauseOf(lost: Error): Error {
    return marked('suspect', new Error(`a session with ${this.id} was lost`, { cause: lost }))
  }

  /** One of its own for each client: whose fault it is, each judges by what it had done. */
  #whyLeft(): LeftError {
    return new LeftError(this.id, this.isDown)
  }

  /** Ends all that is there; resolves when its connections are closed. */
  async close(withinMs: number): Promise<void> {
    this.left()
    const clients = [...this.clients]
    if (this.isDown) for (const client of clients) client.cut(this.#whyLeft())
    const ended = new Promise<void>((resolve) => this.session.connection.once('end', () => resolve()))
    const isOpen = !this.session.connection.stream.destroyed
    this.session.cut(this.#whyLeft())
    await Promise.all([isOpen && ended, ...clients.map((client) => client.leave(this.#whyLeft(), withinMs))])
  }

  /** That its own session was ended by hand while it was asked says nothing of the server: it is asked again. */
  async #roleAfterAll(): Promise<Role> {
    for (;;) {
      try {
        return await this.role()
      } catch (error) {
        if (!this.#opening || this.isLeft || this.#isGivenUp) throw error
      }
    }
  }

  async #checkRole(): Promise<void> {
    const role = await this.#roleAfterAll()
    const misfit = misfitOf(role, this.id, this.#about.target)
    if (misfit) throw misfit
  }

  /** Ends its own session where the signal aborts: what was asked is not answered then. */
  async #within(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const giveUp = () => {
      this.#isGivenUp = true
      this.session.cut(signal.reason)
    }
    signal.addEventListener('abort', giveUp)
    try {
      await work()
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #sessionGone(error: Error & { readonly code?: string }): void {
    if (this.isLeft || this.#isGivenUp) return
    if (isServerGone(error) || !endedByHand.test(error.code ?? '')) this.#lost(error)
    else this.#opening = this.#reopen()
  }

  async #reopen(): Promise<void> {
    const { connection } = this.session
    try {
      // Only when the driver is done with the former connection.
      await new Promise<void>((resolve) => {
        connection.once('end', resolve)
        connection.stream.destroy()
      })
      await this.open(this.leaving)
    } catch (error) {
      if (!this.isLeft) this.#lost(error as Error)
    } finally {
      this.#opening = undefined
    }
  }

  #lost(error: Error): void {
    if (this.isDown) return
    this.isDown = true
    this.#about.lost(
      marked('unsure', new Error(`${this.id} has closed the connection, or it was lost`, { cause: error })),
    )
  }
}

/** Why a connection is ended on this side. */
export class LeftError extends Error {
  /** Whether the server is well, and somebody wanted to leave it. */
  readonly isPlanned: boolean

  constructor(id: string, isDown: boolean) {
    super(`Connection terminated: ${id} was left`)
    this.isPlanned = !isDown
  }
}

const refusers = new WeakMap<object, Server>()

/** The server that has refused a statement with this error. */
export function refuserOf(error: unknown): Server | undefined {
  return refusers.get(error as object)
}

const servers = new WeakMap<Client, Server>()

/** The server whose own session it is. */
export function serverOf(session: Client): Server {
  return servers.get(session) as Server
}
