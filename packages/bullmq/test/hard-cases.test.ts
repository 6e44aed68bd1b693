// What an attack on the guarantees has found: each of these broke one.
import { OutcomeUnknownError } from '@tourniquet/core'
import type { FaultProxy } from '@tourniquet/testkit'
import { expect, it } from 'vitest'
import { BullMQConnector, BullMQRoundRobin } from '../src/index.ts'
import { idsOf } from './kind.ts'
import { ended, oneServer, twoServers, urlOf } from './two-servers.ts'

const job = { name: 'welcome', data: { id: 'one' } }

/** Loses a provider while something is made for the first attempt. */
function losing<T>(proxy: FaultProxy, made: T): () => Promise<T> {
  let isFirst = true
  return async () => {
    if (!isFirst) return made
    isFirst = false
    await proxy.refuse()
    proxy.cut()
    await new Promise((resolve) => setTimeout(resolve, 300)) // for longer than it takes to notice
    return made
  }
}

it('G6 a provider is lost while what is sent is made: it goes to the next one', async () => {
  await using servers = await twoServers()
  const { rr, a, b, proxyA } = servers
  const flow = { ...job, queueName: 'mail' }
  const ways = [
    () => rr.sendFlow(losing(proxyA, flow)),
    () => rr.sendJob('mail', 'welcome', losing(proxyA, job.data), {}, { idempotent: false }),
    () => rr.sendJobs('mail', [{ ...job, data: losing(proxyA, job.data) }], { idempotent: false }),
  ]
  for (const [at, send] of ways.entries()) {
    await proxyA.pass()
    rr.setSources([urlOf(proxyA)])
    await rr.sendFlow(flow)
    rr.setSources([urlOf(proxyA), urlOf(servers.proxyB)])
    expect(await send()).toBeDefined()
    expect((await idsOf(b, 'mail')).length).toBe(at + 1)
    rr.setSources([urlOf(proxyA)])
  }
  expect((await idsOf(a, 'mail')).length).toBe(ways.length)
})

it('G6 a run that opens a queue after its provider was lost is not run again, if it has done something before', async () => {
  await using servers = await twoServers()
  const { rr, b, proxyA } = servers
  const { error } = await ended(
    rr.run(async (queues) => {
      await queues.get('mail').add('welcome', { id: 'one' })
      await losing(proxyA, undefined)()
      await queues.get('other').add('welcome', { id: 'two' })
    }),
  )
  expect(error).toBeInstanceOf(OutcomeUnknownError)
  expect(await idsOf(b, 'mail')).toEqual([])
})

it.each([{}, { repeat: undefined }, { jobId: undefined }])(
  'G6 a reply is lost: one job, with options %o',
  async (opts) => {
    await using servers = await oneServer()
    const { rr, a, proxyA } = servers
    await rr.sendJob('mail', 'welcome', { id: 'zero' })
    await proxyA.cutAfter(0, 'down')
    await rr.sendJob('mail', 'welcome', { id: 'one' }, opts as object)
    expect((await idsOf(a, 'mail')).sort()).toEqual(['one', 'zero'])
  },
)

it('a connector of one’s own says what holds for the queues, in all ways to send', async () => {
  await using servers = await twoServers()
  const { a } = servers
  const connector = new BullMQConnector({ queue: { prefix: 'mine', defaultJobOptions: { attempts: 3 } } })
  await using rr = new BullMQRoundRobin([a.url], { connector })
  const done: string[] = []
  const worker = rr.worker('mail', async ({ data }) => void done.push(data.id))
  const all = new Promise<void>((resolve) => worker.on('completed', () => done.length === 4 && resolve()))
  await rr.sendJob('mail', 'welcome', { id: 'job' })
  await rr.sendJobs('mail', [{ ...job, data: { id: 'jobs' } }])
  await rr.sendFlow({ ...job, queueName: 'mail', data: { id: 'flow' } })
  await rr.run((queues) => queues.get('mail').add('welcome', { id: 'run' }))
  await all
  expect(done.sort()).toEqual(['flow', 'job', 'jobs', 'run'])
})

it('a job whose parent is not there is not said to be added', async () => {
  await using servers = await twoServers()
  const opts = { parent: { id: 'nobody', queue: 'bull:mail' } }
  for (const sent of [
    servers.rr.sendJobs('mail', [job, { ...job, opts }]),
    servers.rr.sendJob('mail', 'welcome', {}, opts),
  ] as Promise<unknown>[]) {
    expect((await ended(sent)).error?.message).toMatch(/parent/i)
  }
})
