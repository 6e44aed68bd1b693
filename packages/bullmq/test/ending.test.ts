// After `close` everything is as it was.
import { setImmediate as nextCheck } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { waitFor } from '@tourniquet/testkit'
import { expect, it } from 'vitest'
import { BullMQRoundRobin } from '../src/index.ts'
import { twoServers, urlOf } from './two-servers.ts'

it('G14 connections, timers and memory return to where they were', { timeout: 120_000 }, async () => {
  await using servers = await twoServers()
  const { a, b, proxyA, proxyB } = servers
  const sources = [urlOf(proxyA), urlOf(proxyB)]

  async function work(): Promise<void> {
    await using rr = new BullMQRoundRobin(sources, { standby: true })
    let done = 0
    rr.worker('mail', async () => done++, { concurrency: 10, drainDelay: 1, removeOnComplete: { count: 0 } })
    const jobs = Array.from({ length: 100 }, (_, id) => ({
      name: 'welcome',
      data: { id },
      opts: { removeOnComplete: true },
    }))
    await rr.sendJobs('mail', jobs)
    await rr.failover()
    for (const { name, data, opts } of jobs.slice(0, 20)) await rr.sendJob('mail', name, data, opts)
    await rr.run((queues) => queues.get('mail').getJobCounts())
    await waitFor(() => done === 120)
  }

  for (let i = 0; i < 5; i++) await work()
  await waitFor(() => proxyA.open + proxyB.open === 0)
  const [timersBefore, heapBefore] = [await waitFor(timers), heap()]
  for (let i = 0; i < 30; i++) await work()
  await waitFor(() => proxyA.open + proxyB.open === 0)
  await waitFor(async () => (await timers()) <= timersBefore)
  // Thirty times all that is made for it is tens of megabytes; what is left is what the compiler has learnt.
  expect(heap() - heapBefore).toBeLessThan(8_000_000)
  for (const server of [a, b]) {
    // The one that asks.
    await waitFor(async () => (await server.command('CLIENT', 'LIST')).match(/^id=/gm)?.length === 1)
  }
})

/** Asked in no timer's own turn, in which it would be counted. */
async function timers(): Promise<number> {
  await nextCheck()
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}
