import { TourniquetError } from '@tourniquet/core'
import type { ClientBase } from 'pg'
import type { FailoverClient } from './client.ts'

/** What its holder must not do with a client that is lent to him. */
const notHis: ReadonlySet<PropertyKey> = new Set(['connect', 'end', 'release'])

/** A client for as long as a run or a transaction lasts. */
export interface Lease {
  readonly client: ClientBase
  /** Nothing can be asked of it from now on. */
  end(): void
}

/** @param what - the run or transaction it is for, as an error names it */
export function lease(client: FailoverClient, what: string): Lease {
  let isEnded = false
  const methods = new Map<PropertyKey, unknown>()
  const query = (...args: Parameters<ClientBase['query']>): unknown => {
    if (isEnded)
      return refuse(
        args,
        new TourniquetError(`this client was lent to ${what}, which has ended: use what that hands out, and await it`),
      )
    return client.query(...args)
  }
  const methodOf = (key: PropertyKey, method: (...args: unknown[]) => unknown): unknown => {
    if (key === 'query') return query
    if (notHis.has(key))
      return () =>
        Promise.reject(new TourniquetError(`${String(key)}() is not for who is lent a client: ${what} does that`))
    return method.bind(client)
  }
  const proxy = new Proxy(client, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown
      if (typeof value !== 'function' || key === 'constructor') return value
      if (!methods.has(key)) methods.set(key, methodOf(key, value as () => unknown))
      return methods.get(key)
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
  return {
    client: proxy,
    end: () => {
      isEnded = true
    },
  }
}

/** Answers as pg does: through the callback, the cursor or stream, or the promise. */
function refuse(args: readonly unknown[], error: Error): unknown {
  const [query] = args as [{ submit?: unknown; handleError?: (error: Error) => void } | null]
  const callback = args.find((each) => typeof each === 'function') as ((error: Error) => void) | undefined
  if (callback) process.nextTick(callback, error)
  else if (typeof query?.submit === 'function') process.nextTick(() => query.handleError?.(error))
  else return Promise.reject(error)
  return query
}
