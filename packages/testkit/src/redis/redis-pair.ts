import { orDispose } from '../process/or-dispose.ts'
import type { RedisPairOptions } from './redis-options.ts'
import type { RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'

/** Disposing of it disposes of both. */
export interface RedisPair extends AsyncDisposable {
  primary: RedisServer
  replica: RedisServer
}

/**
 * Starts two servers named `primary` and `replica`, the second a replica of the first and in sync with it.
 *
 * @throws as `startRedis` and `replicate` do
 */
export async function startRedisPair(options: RedisPairOptions = {}): Promise<RedisPair> {
  const primary = await startRedis({ ...options, name: 'primary' })
  const replica = await orDispose(primary, () => startRedis({ ...options, name: 'replica' }))
  const dispose = async (): Promise<void> => {
    await Promise.all([primary[Symbol.asyncDispose](), replica[Symbol.asyncDispose]()])
  }
  const pair = { primary, replica, [Symbol.asyncDispose]: dispose }
  await orDispose(pair, () => replica.replicate(primary))
  return pair
}
