import type { Calls } from './calls.ts'
import { pause } from './pause.ts'
import type { Stage } from './scenario.ts'

export const CALLERS = 50
/** Each caller rests about so long between two calls: some 500 calls a second in all, which leaves the CPU idle enough. */
const REST_MS = 90

/**
 * A steady load: each caller makes one call after the other until `signal` aborts. Every second caller's calls are
 * idempotent. Resolves when all have settled.
 */
export async function load(stage: Stage, calls: Calls, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: CALLERS }, (_, at) => caller(stage, calls, at % 2 === 1, signal)))
}

async function caller(stage: Stage, calls: Calls, idempotent: boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(REST_MS * (0.5 + Math.random()))
    if (!signal.aborted) await makeCall(stage, calls, idempotent)
  }
}

async function makeCall(stage: Stage, calls: Calls, idempotent: boolean): Promise<void> {
  const call = calls.begin(idempotent)
  try {
    await stage.call(call.id, idempotent, (provider) => call.sentTo.push(provider))
    calls.succeed(call)
  } catch (error) {
    calls.fail(call, error)
  }
}
