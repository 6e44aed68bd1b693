import { InvalidError, type RunOptions, TourniquetError } from '@tourniquet/core'
import type { ClientBase } from 'pg'
import type { FailoverClient } from './client.ts'
import { lease } from './lease.ts'

/** How far a transaction sees what others do. Default: the server's own, `read committed` unless it was changed. */
export type IsolationLevel = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'

export interface TransactionOptions extends RunOptions {
  readonly isolationLevel?: IsolationLevel | undefined
  /** `BEGIN … READ ONLY`. Default: as the server has it. */
  readonly readOnly?: boolean | undefined
  /**
   * How often the whole of it is run again, at most, if the server could not serialize it (40001) or ended a deadlock with
   * it (40P01). Default 0.
   */
  readonly rerun?: number | undefined
}

/** What is said of a transaction, and what of its run. */
export interface TransactionSettings {
  readonly begin: string
  readonly rerun: number
  readonly run: RunOptions
}

const levels: readonly IsolationLevel[] = ['read uncommitted', 'read committed', 'repeatable read', 'serializable']

/** @throws InvalidError that names the option which is not what it must be */
export function readTransactionOptions(given: TransactionOptions = {}): TransactionSettings {
  if (typeof given !== 'object' || given === null)
    throw new InvalidError(`options must be an object; got ${typeof given}`)
  const { isolationLevel, readOnly, rerun = 0, ...run } = given
  if (isolationLevel !== undefined && !levels.includes(isolationLevel)) {
    throw new InvalidError(`isolationLevel must be one of ${levels.join(', ')}; got ${shown(isolationLevel)}`)
  }
  if (readOnly !== undefined && typeof readOnly !== 'boolean') {
    throw new InvalidError(`readOnly must be true or false; got ${typeof readOnly}`)
  }
  if (!(Number.isInteger(rerun) && rerun >= 0))
    throw new InvalidError(`rerun must be a whole number from 0; got ${shown(rerun)}`)
  const level = isolationLevel ? ` isolation level ${isolationLevel}` : ''
  const access = readOnly === undefined ? '' : readOnly ? ' read only' : ' read write'
  return { begin: `begin${level}${access}`, rerun, run }
}

/** Begins, works, and commits; or rolls back, and rejects. */
export async function transact<T>(
  client: FailoverClient,
  { begin, rerun }: TransactionSettings,
  work: (client: ClientBase) => T | PromiseLike<T>,
): Promise<T> {
  for (let again = rerun; ; again--) {
    try {
      return await once(client, begin, work)
    } catch (error) {
      const { code } = (error ?? {}) as { code?: unknown }
      if (again === 0 || !(code === '40001' || code === '40P01') || !client.isClean || client.work.mayBeApplied)
        throw error
    }
  }
}

async function once<T>(
  client: FailoverClient,
  begin: string,
  work: (client: ClientBase) => T | PromiseLike<T>,
): Promise<T> {
  await client.query(begin)
  const lent = lease(client, 'a transaction')
  let result: T
  try {
    result = await work(lent.client)
  } catch (error) {
    lent.end()
    // If that fails too, the server has rolled it back, and the client is not used again.
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    lent.end()
  }
  await commit(client)
  return result
}

async function commit(client: FailoverClient): Promise<void> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    if (client.work.committed) return // the server said so before the connection was lost
    throw error
  }
  if (command !== 'ROLLBACK') return
  throw new TourniquetError(
    'the transaction was rolled back: a statement in it had failed, and its error was not passed on',
    { outcome: client.work.committed ? 'unknown' : 'not-applied' },
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value === 'number' ? String(value) : typeof value
}
