import type { Socket } from 'node:net'
import { queryObjects } from 'node:v8'
import { CallAttempt } from '../src/call-attempt.ts'
import { FailoverCall } from '../src/failover-call.ts'
import { TrackedCall } from '../src/tracked-call.ts'

/** What of all that calls and connections are made of is still reachable, after a collection of garbage; and handles. */
export function whatIsLeft() {
  const count = (kind: typeof Socket | typeof FailoverCall | typeof CallAttempt | typeof TrackedCall) =>
    queryObjects(kind, { format: 'count' })
  return {
    calls: count(FailoverCall),
    attempts: count(CallAttempt),
    tracked: count(TrackedCall),
    sockets: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  }
}
