import type { Account } from './account.ts'
import { CALLERS } from './callers.ts'
import { pause } from './pause.ts'

/** Each caller rests about so long between two calls: some 500 calls a second in all, which leaves the CPU idle enough. */
const REST_MS = 90

/**
 * A steady load: each caller makes one call after the other until `signal` aborts. Each side has its even share of the
 * callers, and every second one's calls are idempotent. Resolves when all have settled.
 */
export async function load(accounts: readonly Account[], signal: AbortSignal): Promise<void> {
  const share = Math.round(CALLERS / accounts.length)
  const callers = accounts.flatMap((account) =>
    Array.from({ length: share }, (_, at) => caller(account, at % 2 === 1, signal)),
  )
  await Promise.all(callers)
}

async function caller(account: Account, idempotent: boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(REST_MS * (0.5 + Math.random()))
    if (!signal.aborted) await makeCall(account, idempotent)
  }
}

async function makeCall({ side, calls }: Account, idempotent: boolean): Promise<void> {
  const call = calls.begin(idempotent)
  try {
    await side.call(call.id, idempotent, (provider) => calls.send(call, provider))
    calls.succeed(call)
  } catch (error) {
    calls.fail(call, error)
  }
}
