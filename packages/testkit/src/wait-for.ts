import { badInput, checkMs } from './bad-input.ts'

/** What is left of a type once it was found to be truthy. */
export type Truthy<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>

export interface WaitOptions {
  /** How long to wait before giving up, in milliseconds. Default 10,000. */
  timeoutMs?: number
  /** The pause between two looks, in milliseconds. Default 5. */
  intervalMs?: number
  /** What is waited for, as the error shall name it. Default: the condition's own source text. */
  what?: string
  /** Stops waiting when aborted. */
  signal?: AbortSignal
}

/**
 * Looks at `condition` until it is truthy, and resolves to what it gave. A condition that throws
 * or rejects is looked at again.
 *
 * @throws Error after `timeoutMs`, also when the condition itself hangs: it names `what` and the
 *   time waited, and has the condition's last error as `cause`.
 * @throws the signal's reason, once that aborts
 * @throws TypeError if an option is not what it must be
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 5, what = String(condition), signal }: WaitOptions = {},
): Promise<Truthy<T>> {
  if (typeof condition !== 'function') throw badInput('condition', 'a function', condition)
  checkMs('timeoutMs', timeoutMs)
  checkMs('intervalMs', intervalMs)
  signal?.throwIfAborted()

  const started = performance.now()
  let over = false
  let lastError: unknown
  let pause: NodeJS.Timeout | undefined

  return new Promise((resolve, reject) => {
    const end = (): void => {
      over = true
      clearTimeout(limit)
      clearTimeout(pause)
      signal?.removeEventListener('abort', aborted)
    }
    const fail = (error: unknown): void => {
      end()
      reject(error)
    }
    const aborted = (): void => fail(signal?.reason)
    const expired = (): void => fail(timeOut(what, performance.now() - started, lastError))
    const look = async (): Promise<void> => {
      try {
        const value = await condition()
        if (value && !over) {
          end()
          resolve(value as Truthy<T>)
        }
      } catch (error) {
        lastError = error
      }
      if (!over) pause = setTimeout(() => void look(), intervalMs)
    }
    const limit = setTimeout(expired, timeoutMs)
    signal?.addEventListener('abort', aborted)
    void look()
  })
}

function timeOut(what: string, waitedMs: number, cause: unknown): Error {
  const message = `waited ${Math.round(waitedMs)} ms in vain for ${what}`
  return cause === undefined ? new Error(message) : new Error(message, { cause })
}
