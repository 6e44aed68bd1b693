import { TourniquetError } from '@tourniquet/core'
import type { Command } from 'ioredis'

// Of what a cursor was given out: enough for what runs at a time, so that scans that nobody ends do not fill memory.
const MOST_CURSORS = 1000

/**
 * What a client has on one server and on no other: an open MULTI, what it watches, the cursors of its scans. After a
 * failover, what builds on them must not run as if nothing had happened.
 */
export class ServerState {
  /** MULTI was sent by itself, and EXEC was not: `'lost'` if that was on a former connection. */
  #transaction: 'none' | 'open' | 'lost' = 'none'
  #watch: 'none' | 'on' | 'lost' = 'none'
  readonly #parts = new WeakSet<Command>()
  #cursors = new Set<string>()
  #formerCursors = new Set<string>()

  /** Whether whatever is sent becomes a part of a transaction. */
  get isInMulti(): boolean {
    return this.#transaction !== 'none'
  }

  /** Whether it was sent between MULTI and EXEC, or is that EXEC, without a pipeline. */
  isPart(command: Command): boolean {
    return this.#parts.has(command)
  }

  /**
   * Takes note of a command that is about to be sent. Returns the error it has to end with, where it builds on what is
   * gone; it was not applied.
   */
  check(command: Command): Error | undefined {
    const { name } = command
    if (command.inTransaction) return undefined
    if (this.#transaction === 'open') this.#parts.add(command)
    if (name === 'exec' || name === 'discard' || name === 'unwatch') return this.#end(name)
    if (this.#transaction === 'lost')
      return gone('MULTI was opened on a former connection', 'begin the transaction anew')
    if (name === 'multi') this.#transaction = 'open'
    else if (name === 'watch' && this.#watch === 'none') this.#watch = 'on'
    else if (name.endsWith('scan')) return this.#scan(command)
    return undefined
  }

  /** The connection is left: another one, maybe of another server, is next. */
  lost(): void {
    if (this.#transaction === 'open') this.#transaction = 'lost'
    if (this.#watch === 'on') this.#watch = 'lost'
  }

  /** The next server is another one. */
  moved(): void {
    this.#formerCursors = this.#cursors
    this.#cursors = new Set()
  }

  #end(name: string): Error | undefined {
    const transaction = this.#transaction
    const watch = this.#watch
    if (name !== 'unwatch') this.#transaction = 'none'
    if (name !== 'unwatch' || transaction === 'none') this.#watch = 'none'
    if (name !== 'exec') return undefined
    if (transaction === 'lost') return gone('MULTI was opened on a former connection', 'begin the transaction anew')
    return watch === 'lost'
      ? gone('WATCH was on a former connection', 'watch again, and look at the values again')
      : undefined
  }

  #scan(command: Command): Error | undefined {
    const cursor = String(command.args[command.name === 'scan' ? 0 : 1])
    const isForeign = this.#formerCursors.has(cursor) && !this.#cursors.has(cursor)
    if (cursor !== '0' && isForeign) return gone('the cursor is of another server', 'begin the scan anew')
    command.promise.then(
      (reply: unknown) => this.#note(String((reply as unknown[])[0])),
      () => {},
    )
    return undefined
  }

  #note(cursor: string): void {
    if (cursor === '0') return
    this.#cursors.add(cursor)
    const [oldest] = this.#cursors
    if (this.#cursors.size > MOST_CURSORS && oldest !== undefined) this.#cursors.delete(oldest)
  }
}

function gone(what: string, todo: string): TourniquetError {
  return new TourniquetError(`${what}, and the client has moved on since: nothing was applied; ${todo}`)
}
