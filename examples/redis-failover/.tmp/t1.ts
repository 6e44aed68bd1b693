import { startRedisPair, startRedis } from '@tourniquet/testkit'
import { RedisRoundRobin } from '@tourniquet/redis'
import { setTimeout as sleep } from 'node:timers/promises'
await using pair = await startRedisPair()
await pair.primary.command('CONFIG', 'SET', 'timeout', '1')
await pair.replica.command('CONFIG', 'SET', 'timeout', '1')
const rr = new RedisRoundRobin([pair.primary.url, pair.replica.url], { heartbeatMs: 300 })
const t0 = Date.now()
for (const e of ['connect','fail','failover','disconnect','exhausted'] as const) rr.on(e, (ev: any) => console.log(Date.now() - t0, e, ev.provider, ev.reason ?? '', ev.error?.message ?? '', ev.verdict ?? ''))
const c = rr.client()
c.on('close', () => console.log(Date.now() - t0, 'client close'))
await c.set('a', '1')
await sleep(5000)
console.log(await c.get('a'))
await rr.close()
