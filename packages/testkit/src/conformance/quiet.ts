import type { Options } from '@tourniquet/core'

/** Said in full, so that what an adapter's own class sets by default changes nothing; long enough to disturb no test. */
export const quiet: Options = {
  idempotent: false,
  connectTimeoutMs: 5000,
  attemptTimeoutMs: Number.POSITIVE_INFINITY,
  deadlineMs: Number.POSITIVE_INFINITY,
  backoff: { initialMs: 20, maxMs: 200 },
  cooldownMs: 0,
  heartbeatMs: Number.POSITIVE_INFINITY,
  probeTimeoutMs: 1000,
  drainMs: 5000,
  hedgeMs: Number.POSITIVE_INFINITY,
  standby: false,
}
