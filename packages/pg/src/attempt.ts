import { ExhaustedError } from '@tourniquet/core'
import type { QueryResult } from 'pg'
import type { FailoverClient } from './client.ts'
import type { InsidePool } from './inside.ts'
import { LeftError, type Server } from './server.ts'
import { isEndedForCause, isReadOnlyError, marked, markUnsent, taint, verdictOf } from './verdict.ts'

/** Where and how an attempt of a run is made. */
export interface Attempted {
  readonly pool: InsidePool
  readonly server: Server
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal
  /** Whether that may be before the server is left. */
  readonly mayBeGivenUp: boolean
  /** How often it may be begun again on the same server. */
  most(): number
  /** Whether the server is well, though a session there was lost. */
  isWell(server: Server, lost: Error): Promise<boolean>
}

type Ended<T> = (failed: { readonly reason: unknown } | undefined, value?: T) => void

/** What is done with a client. `settled` is called once. */
type Work<T> = (client: FailoverClient, settled: Ended<T>) => void

/** One attempt, with a client of the server, which is released at the end. */
export function attempt<T>(at: Attempted, work: (client: FailoverClient) => Promise<T>): Promise<T> {
  return withClient(at, (client, settled) => {
    work(client).then(
      (value) => settled(undefined, value),
      (reason) => settled({ reason }),
    )
  })
}

/** One attempt at one statement: nearly all there are, so it makes one promise, and no more. */
export function ask(at: Attempted, query: unknown, values: unknown): Promise<QueryResult> {
  return withClient(at, (client, settled) => {
    const answered = (reason: unknown, result: QueryResult) => settled(reason ? { reason } : undefined, result)
    client.query(query as string, values as unknown[], answered)
  })
}

function withClient<T>(at: Attempted, work: Work<T>, tries = 1): Promise<T> {
  return new Promise((resolve, reject) => {
    at.pool.connect((error, acquired) => {
      if (error) return reject(notApplied(at.signal, error))
      const client = acquired as unknown as FailoverClient
      if (client.server !== at.server || at.signal.aborted) {
        client.release()
        return reject(missed(at.server))
      }
      if (!client.work.isIdle) {
        // Somebody gave it back within a transaction: what is done in that would be undone.
        client.release(true)
        return resolve(withClient(at, work, tries))
      }
      const settled = begin<T>(client, at, (failed, value) => {
        if (!failed) resolve(value as T)
        else resolve(recover(at, client, failed.reason, tries, () => withClient(at, work, tries + 1)))
      })
      try {
        work(client, settled)
      } catch (reason) {
        settled({ reason })
      }
    })
  })
}

/** The client is its user's until what this returns is called. */
function begin<T>(client: FailoverClient, { signal, mayBeGivenUp }: Attempted, ended: Ended<T>): Ended<T> {
  const giveUp = () => client.cut(new Error('the attempt was given up'))
  if (mayBeGivenUp) signal.addEventListener('abort', giveUp)
  client.work.reset()
  client.isInRun = true
  let isSettled = false
  return (failed, value) => {
    // A query that throws before it is sent is told of again when its client is ended.
    if (isSettled) return
    isSettled = true
    if (mayBeGivenUp) signal.removeEventListener('abort', giveUp)
    client.isInRun = false
    if (failed) client.abandoned()
    const reason = failed?.reason
    client.release(client.isClean ? undefined : reason instanceof Error ? reason : true)
    ended(failed, value)
  }
}

/** What a failure means: it is thrown as the engine is to judge it, or what failed is begun again. */
async function recover<T>(
  at: Attempted,
  client: FailoverClient,
  failure: unknown,
  tries: number,
  again: () => Promise<T>,
): Promise<T> {
  if (!isOnlyLost(client, failure)) throw judged(client, failure)
  if (client.lostBy && isEndedForCause(client.lostBy)) throw client.lostBy
  // Nothing was applied. One session may be lost where the server is well: somebody has ended it.
  if (tries >= at.most() || !(await at.isWell(at.server, failure as Error))) throw notDone(failure as Error)
  return again()
}

/** An error of its own: others may have been told the same one, who had done more. */
function notDone(lost: Error & { readonly code?: unknown }): Error {
  const error = new Error(`${lost.message}; nothing was applied`, { cause: lost })
  return marked('next', typeof lost.code === 'string' ? Object.assign(error, { code: lost.code }) : error)
}

/** Why there is no client. That no server could be connected speaks against this one, too. */
function notApplied(signal: AbortSignal, error: Error): Error {
  if (error instanceof ExhaustedError) return marked('next', error)
  return error instanceof LeftError ? error : markUnsent(signal, error)
}

/** What a client was waited for is elsewhere by now. */
function missed({ id }: Server): Error {
  return marked('next', new Error(`${id} was left, or the attempt given up, while a client was waited for`))
}

/** Whether an error says no more than that the session was lost, with which nothing was applied. */
function isOnlyLost(client: FailoverClient, error: unknown): boolean {
  return client.lostBy !== undefined && !client.work.mayBeApplied && isProvidersFault(error)
}

/** An error, as the engine is to judge it. */
function judged(client: FailoverClient, error: unknown): unknown {
  if (!isProvidersFault(error) || !client.work.mayBeApplied) return error
  return client.lostBy ? marked('suspect', error as object) : taint(error as object)
}

function isProvidersFault(error: unknown): boolean {
  return isReadOnlyError(error) || (verdictOf(error, 'run') ?? 'caller') !== 'caller'
}
