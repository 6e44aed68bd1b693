import { RedisConnector, RedisRoundRobin, type RedisSource } from '@tourniquet/redis'
import type { Redis } from 'ioredis'
import type { Scenario, Side } from '../../scenario.ts'
import type { Provider } from '../parts/providers.ts'
import { type SideOptions, twoSides } from '../parts/two-sides.ts'
import { LEDGER, startLedgerServer } from './ledger-server.ts'
import { witness } from './witness.ts'

/** An ordinary client of ioredis that fails over, and `run` for what is idempotent, without and with standby. */
export const redis: Scenario = twoSides({
  name: 'redis',
  description: 'an ordinary ioredis client, with three Redis servers',
  startServer: startLedgerServer,
  sideOf,
})

class NamingConnector extends RedisConnector {
  readonly #names: ReadonlyMap<string, string>

  constructor(names: ReadonlyMap<string, string>) {
    super()
    this.#names = names
  }

  override id(source: RedisSource): string {
    const address = super.id(source)
    return this.#names.get(address) ?? address
  }
}

function sideOf(providers: readonly Provider[], options: SideOptions): Pick<Side, 'roundRobin' | 'call'> {
  const names = new Map(providers.map(({ name, network }) => [`${network.host}:${network.port}`, name]))
  const sources = [...names.keys()].map((address) => `redis://${address}`)
  const roundRobin = new RedisRoundRobin(sources, { ...options, connector: new NamingConnector(names) })
  let client: Redis | undefined
  /** By id, whom to tell of each provider that the call is sent to. */
  const told = new Map<string, (provider: string) => void>()
  return {
    roundRobin,
    async call(id, idempotent, onAttempt) {
      if (idempotent) {
        const execute = (redis: Redis, { provider }: { provider: string }) => {
          onAttempt(provider)
          return redis.rpush(LEDGER, id)
        }
        await roundRobin.run(execute, { idempotent })
        return
      }
      // It connects at once: not before there is something to do.
      client ??= witness(roundRobin.client(), (sent, address) => told.get(sent)?.(names.get(address) ?? address))
      told.set(id, onAttempt)
      try {
        await client.rpush(LEDGER, id)
      } finally {
        told.delete(id)
      }
    },
  }
}
