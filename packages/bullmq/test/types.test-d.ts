// Looked at by tsc alone.
import type { Job, Queue } from 'bullmq'
import { BullMQRoundRobin } from '../src/index.ts'

interface Mail {
  readonly to: string
}

interface Queues {
  mail: Queue<Mail, number, 'welcome' | 'reset'>
}

const rr = new BullMQRoundRobin<Queues>(['redis://a'])
const job: Promise<Job<Mail, number, 'welcome' | 'reset'>> = rr.sendJob('mail', 'welcome', { to: 'Ada' })
void job
void rr.sendJob(
  'mail',
  'reset',
  async ({ provider }) => ({ to: provider }),
  () => ({ delay: 5 }),
  { idempotent: false },
)
void rr.sendJobs('mail', [{ name: 'reset', data: { to: 'Ada' }, opts: { attempts: 3 } }])
void rr.run((queues) => queues.get('mail').add('welcome', { to: 'Ada' }))
const worker = rr.worker('mail', async ({ data, name }) => (name === 'reset' ? 1 : data.to.length))
worker.on('completed', ({ data }, result, _, { provider }) => [data.to, result.toFixed(), provider.length])
worker.on('error', (error, { provider }) => [error.message, provider])

// @ts-expect-error there is no such queue
void rr.sendJob('post', 'welcome', { to: 'Ada' })
// @ts-expect-error there is no such job in it
void rr.sendJob('mail', 'goodbye', { to: 'Ada' })
// @ts-expect-error that is not its data
void rr.sendJob('mail', 'welcome', { from: 'Ada' })
// @ts-expect-error nor what its work returns
rr.worker('mail', async () => 'done')
// @ts-expect-error where the server is, the sources say
void new BullMQRoundRobin(['redis://a'], { queue: { connection: {} } })

const untyped = new BullMQRoundRobin(['redis://a'])
void untyped.sendJob('anything', 'any', { any: 'thing' })
untyped.worker('anything', async ({ data }) => data.any)
