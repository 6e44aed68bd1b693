import type { Verdict } from '@tourniquet/core'
import type { Redis } from 'ioredis'

/** Its provider was left: nothing can be asked of these queues any more. */
export class LeftError extends Error {
  constructor() {
    super('the provider of these queues was left')
  }
}

/**
 * Whose fault an error of BullMQ itself is; undefined where it is none. Those of ioredis are judged by
 * `@tourniquet/redis`, which has marked each command that was lost, and everything else that BullMQ says (an id that is
 * not valid, data that cannot be serialized) is the caller's.
 */
export function verdictOf(error: unknown): Verdict | undefined {
  return saysNothingWasSent(error) ? 'next' : undefined
}

/** Such an error says nothing of what else a run has done: the client of that run knows. */
export async function ofWholeRun(error: unknown, client: Redis): Promise<unknown> {
  return saysNothingWasSent(error)
    ? await client.ping().then(
        () => error,
        (refusal: unknown) => refusal,
      )
    : error
}

/** BullMQ says so before it sends anything: the connection had ended when a queue was opened. */
function saysNothingWasSent(error: unknown): boolean {
  return error instanceof LeftError || (error instanceof Error && error.name === 'ConnectionClosedError')
}
