import { RedisRoundRobin } from '@tourniquet/redis'
import { startRedisPair } from '@tourniquet/testkit'
import { Queue, Worker } from 'bullmq'
import { RedisStore } from 'connect-redis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
await using pair = await startRedisPair()
const rr = new RedisRoundRobin([pair.primary.url, pair.replica.url])
const store = new RedisStore({ client: rr.client() })
await store.set('id', { cookie: { originalMaxAge: 1000 }, n: 1 } as any)
console.log(await store.get('id'))
const limiter = new RateLimiterRedis({ storeClient: rr.client(), points: 5, duration: 1 })
console.log((await limiter.consume('ada')).remainingPoints)
const connection = rr.client()
const queue = new Queue('letters', { connection })
const done = new Promise<string>((resolve) => {
  new Worker('letters', async (job) => { resolve(job.data.to) }, { connection: rr.client() }).on('error', (e) => console.log('werr', e.message))
})
await queue.add('letter', { to: 'Ada' }, { jobId: 'letter-1' })
console.log(await done)
await queue.close()
await rr.close()
