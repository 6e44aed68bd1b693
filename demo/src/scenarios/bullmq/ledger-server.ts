import type { LedgerServer } from '../parts/providers.ts'
import { startRedisLedger } from '../parts/redis-ledger.ts'

export const QUEUE = 'ledger'

// The ids that the data of the jobs of a queue hold.
const idsOfJobs = `
local ids = {}
for _, key in ipairs(redis.call('KEYS', 'bull:' .. ARGV[1] .. ':*')) do
  local data = redis.call('TYPE', key).ok == 'hash' and redis.call('HGET', key, 'data')
  if data then ids[#ids + 1] = cjson.decode(data).id end
end
return ids`

/** A Redis whose ledger is a queue: each job in it was added once. */
export function startLedgerServer({ name }: { name: string }): Promise<LedgerServer> {
  return startRedisLedger(name, ['EVAL', idsOfJobs, '0', QUEUE])
}
