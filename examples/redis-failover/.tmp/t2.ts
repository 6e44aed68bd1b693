import { startRedisPair, startRedis } from '@tourniquet/testkit'
import { RedisRoundRobin } from '@tourniquet/redis'
import { setTimeout as sleep } from 'node:timers/promises'
await using a = await startRedis()
await using b = await startRedis()
for (const s of [a,b]) await s.command('CONFIG', 'SET', 'timeout', '1')
const rr = new RedisRoundRobin([a.url, b.url], { heartbeatMs: 300 })
const t0 = Date.now()
for (const e of ['connect','fail','failover','disconnect','exhausted'] as const) rr.on(e, (ev: any) => console.log(Date.now() - t0, e, ev.provider, ev.reason ?? '', ev.error?.message ?? '', ev.verdict ?? ''))
await rr.run(r => r.ping())
const c = rr.client()
const end = Date.now() + 5000
while (Date.now() < end) { await c.incr('a'); await sleep(100) }
await rr.close()
