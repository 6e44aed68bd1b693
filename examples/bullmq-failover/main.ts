// Orders that are all shipped, though the Redis that they are sent to is killed under load. A job that was acknowledged by the
// one that is killed lies there until it is back; everything after that goes to the other one.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { BullMQRoundRobin } from '@tourniquet/bullmq'
import { startRedis, waitFor } from '@tourniquet/testkit'
import { type Queues, ship, shipped } from './orders.ts'

const ORDERS = 1000

// A server that is killed and comes back must still have its jobs.
const args = ['--appendonly', 'yes', '--appendfsync', 'always']
const [a, b] = await Promise.all([startRedis({ name: 'A', args }), startRedis({ name: 'B', args })])
const nameOf = (provider: unknown) => (provider === `${a.host}:${a.port}` ? 'A' : 'B')

const rr = new BullMQRoundRobin<Queues>([a.url, b.url])
rr.on('failover', ({ from, to }) => console.log(`  orders are sent to ${nameOf(to)} now, not to ${nameOf(from)}`))

const by = { A: 0, B: 0 }
const worker = rr.worker('orders', ({ data }) => ship(data), { concurrency: 10, drainDelay: 1 })
worker.on('completed', (_job, _result, _was, { provider }) => {
  by[nameOf(provider)] += 1
})

try {
  const producing = produce()
  await waitFor(() => by.A > 100, { timeoutMs: 30_000 })
  console.log('A is killed (SIGKILL) under load')
  await a.kill()
  await producing
  console.log(`${ORDERS} orders are acknowledged, ${shipped.size} are shipped`)

  console.log('A is started again: its worker comes back by itself')
  await a.restart()
  await waitFor(() => shipped.size === ORDERS, { timeoutMs: 30_000 })
  console.log(`${shipped.size} are shipped: ${by.A} of A, ${by.B} of B`)
  assert.ok(by.A > 0 && by.B > 0, 'both must have had some')
} finally {
  await worker.close()
  await rr.close()
  await Promise.all([a, b].map((server) => server[Symbol.asyncDispose]()))
}

const more = [...shipped.values()].filter((times) => times > 1).length
console.log(`${more} were shipped more than once, as may happen to what was under way when A was killed`)
assert.equal(shipped.size, ORDERS)

async function produce(): Promise<void> {
  for (let number = 1; number <= ORDERS; number++) {
    await rr.sendJob('orders', 'ship', { number })
    if (number % 10 === 0) await sleep(5)
  }
}
