import type { ServerCheck } from '../../src/config/model.ts'

/** A check with HAProxy's defaults. */
export function serverCheck(more: Partial<ServerCheck> = {}): ServerCheck {
  return { interMs: 2_000, fastinterMs: 2_000, downinterMs: 2_000, fall: 3, rise: 2, tls: false, ...more }
}
