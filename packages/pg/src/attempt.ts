import { ExhaustedError } from '@tourniquet/core'
import type { FailoverClient } from './client.ts'
import type { InsidePool } from './inside.ts'
import type { Server } from './server.ts'
import { isReadOnlyError, marked, taint, verdictOf } from './verdict.ts'

/** Where and how an attempt is made. */
export interface Attempted {
  readonly pool: InsidePool
  readonly server: Server
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal
  /** Whether that may be before the server is left. */
  readonly mayBeGivenUp: boolean
  /** How often it may be begun again on the same server. */
  readonly most: number
  /** Whether the server is well, though a session there was lost. */
  isWell(): Promise<boolean>
}

/** One attempt of a run: with a client of the server, which is released at the end. */
export async function attempt<T>(at: Attempted, work: (client: FailoverClient) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const client = await acquire(at)
    try {
      return await used(client, at, work)
    } catch (error) {
      if (!isOnlyLost(client, error)) throw judged(client, error)
      // Nothing was applied. One session may be lost where the server is well: somebody has ended it.
      if (tries >= at.most || !(await at.isWell())) throw marked('next', error as object)
    }
  }
}

/** A client of this server: it may be left while one is waited for. */
async function acquire({ pool, server, signal }: Attempted): Promise<FailoverClient> {
  const client = await new Promise<FailoverClient>((resolve, reject) => {
    pool.connect((error, acquired) =>
      error ? reject(notApplied(error)) : resolve(acquired as unknown as FailoverClient),
    )
  })
  if (client.server === server && !signal.aborted) return client
  client.release()
  throw marked('next', new Error(`${server.id} was left, or the attempt given up, while a client was waited for`))
}

/** No server could be connected while a client was waited for: that is known of this one, too. */
function notApplied(error: Error): Error {
  return error instanceof ExhaustedError ? marked('next', error) : error
}

async function used<T>(
  client: FailoverClient,
  at: Attempted,
  work: (client: FailoverClient) => Promise<T>,
): Promise<T> {
  const giveUp = () => client.cut(new Error('the attempt was given up'))
  if (at.mayBeGivenUp) at.signal.addEventListener('abort', giveUp)
  client.work.reset()
  client.isInRun = true
  let failure: unknown
  try {
    return await work(client)
  } catch (error) {
    failure = error
    throw error
  } finally {
    if (at.mayBeGivenUp) at.signal.removeEventListener('abort', giveUp)
    client.isInRun = false
    client.release(client.isClean ? undefined : failure instanceof Error ? failure : true)
  }
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
