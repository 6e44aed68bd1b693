import type { ProxyConfig } from '../config/model.ts'
import type { Algorithm } from './algorithm.ts'
import { first } from './first.ts'
import { leastConnections } from './least-connections.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { source } from './source.ts'

export type { Algorithm, Asker } from './algorithm.ts'

/** What `balance` says. `failover` is not among them: it does not choose, it stays (`failover.ts`). */
export function algorithmOf({ balance, hashType }: Pick<ProxyConfig, 'balance' | 'hashType'>): Algorithm {
  switch (balance.algorithm) {
    case 'leastconn':
      return leastConnections
    case 'source':
      return source(hashType)
    case 'first':
    case 'failover':
      return first
    case 'random':
      return random(balance.draws)
    case 'roundrobin':
    case 'static-rr':
      return roundRobin
  }
}
