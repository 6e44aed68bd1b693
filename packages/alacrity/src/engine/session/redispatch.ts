import type { Backend } from '../backend.ts'

/** Algorithms that choose without looking: after a failure any other server is as good. */
const takeTurns: ReadonlySet<string> = new Set(['roundrobin', 'static-rr', 'random'])

/** Does this retry, counted from 1, go to another server? Where no client belongs to a server, each may. */
export function isRedispatched({ config, activeServers }: Backend, at: number): boolean {
  const { redispatch, retries, balance } = config
  if (redispatch === undefined || redispatch === 0) return false
  if (takeTurns.has(balance.algorithm) && activeServers > 1) return true
  const every = redispatch > 0 ? redispatch : retries + 1 + redispatch
  return every <= 0 || at % every === 0
}
