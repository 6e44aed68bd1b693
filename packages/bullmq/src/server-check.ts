import { RedisConnection } from 'bullmq'
import type { Redis } from 'ioredis'

const warnedOf = new Set<string>()

/**
 * Looks at what BullMQ wants of a server, so that its name is told: it must be new enough, and should not throw keys
 * away, or jobs are lost.
 *
 * @throws if it is too old
 */
export async function checkServer(redis: Redis, provider: string): Promise<void> {
  const info = await infoOf(redis)
  const version = /^redis_version:([\d.]+)/m.exec(info)?.[1]
  const { minimumVersion } = RedisConnection
  if (version && isLower(version, minimumVersion))
    throw new Error(`${provider} is Redis ${version}; BullMQ needs ${minimumVersion} or later`)
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1]
  if (policy === undefined || policy === 'noeviction' || warnedOf.has(provider)) return
  warnedOf.add(provider)
  const words = `${provider} has maxmemory-policy ${policy}: when its memory is full it throws jobs away. BullMQ needs noeviction`
  process.emitWarning(words, { type: 'TourniquetWarning', code: 'TOURNIQUET_EVICTION' })
}

/** A user may be kept from INFO: then BullMQ says what it has to say. */
async function infoOf(redis: Redis): Promise<string> {
  try {
    return await redis.info()
  } catch (error) {
    if (error instanceof Error && /^-?(NOPERM\b|ERR unknown command)/.test(error.message)) return ''
    throw error
  }
}

function isLower(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split('.').map(Number)) as [number[], number[]]
  const at = b.findIndex((part, index) => part !== (a[index] ?? 0))
  return at >= 0 && (a[at] ?? 0) < (b[at] as number)
}
