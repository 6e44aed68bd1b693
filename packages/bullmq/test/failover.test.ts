import { ExhaustedError, OutcomeUnknownError } from '@tourniquet/core'
import { waitFor } from '@tourniquet/testkit'
import { FlowProducer, Queue } from 'bullmq'
import { describe, expect, it } from 'vitest'
import { idsOf } from './kind.ts'
import { ended, oneServer, pair, twoServers } from './two-servers.ts'

/** Sends with each of the shorthands; resolves to the ids of the jobs. */
const ways = {
  sendJob: async ({ rr }: { rr: import('../src/index.ts').BullMQRoundRobin }, options?: object) => [
    (await rr.sendJob('mail', 'welcome', { id: 'one' }, undefined, options)).id,
  ],
  sendJobs: async ({ rr }: { rr: import('../src/index.ts').BullMQRoundRobin }, options?: object) =>
    (await rr.sendJobs('mail', [{ name: 'welcome', data: { id: 'one' } }], options)).map(({ id }) => id),
  sendFlow: async ({ rr }: { rr: import('../src/index.ts').BullMQRoundRobin }, options?: object) => [
    (await rr.sendFlow({ name: 'welcome', queueName: 'mail', data: { id: 'one' } }, options)).job.id,
  ],
}

describe.each(Object.entries(ways))('%s', (_, send) => {
  it('goes to the first server, and stays there', async () => {
    await using servers = await twoServers()
    const { a, b, proxyA } = servers
    for (const __ of [1, 2, 3]) await send(servers)
    expect(await idsOf(a, 'mail')).toEqual(['one', 'one', 'one'])
    expect(await idsOf(b, 'mail')).toEqual([])
    expect(proxyA.accepted).toBe(1)
  })

  it('G8 lands on the next one where the first is down before it', async () => {
    await using servers = await twoServers()
    const { a, b, proxyB } = servers
    await a.kill()
    await send(servers)
    expect(await idsOf(b, 'mail')).toEqual(['one'])
    expect(proxyB.accepted).toBe(1)
  })

  it('G8 goes on with the next one where the first has gone down', async () => {
    await using servers = await twoServers()
    const { a, b } = servers
    await send(servers)
    await a.kill()
    await Promise.all([1, 2, 3].map(() => send(servers)))
    expect(await idsOf(b, 'mail')).toEqual(['one', 'one', 'one'])
  })

  it('G5 G9 settles within its deadline where all are frozen, and lands where one is not', async () => {
    await using servers = await twoServers({ heartbeatMs: 100, probeTimeoutMs: 1000 })
    const { proxyA, proxyB, b } = servers
    await send(servers)
    await proxyA.freeze()
    await send(servers)
    expect(await idsOf(b, 'mail')).toEqual(['one'])
    await proxyB.freeze()
    const begun = performance.now()
    const { error } = await ended(send(servers, { deadlineMs: 500 }))
    expect(performance.now() - begun).toBeLessThan(3 * 500 + 3000)
    expect(error).toMatchObject({ name: 'TimeoutError' })
  })

  it('G6 a reply is lost after it was added: at most once, it is said', async () => {
    await using servers = await twoServers()
    const { a, b, proxyA } = servers
    await send(servers)
    await proxyA.dropReply(await replyOf(servers))
    expect((await ended(send(servers, { idempotent: false }))).error).toBeInstanceOf(OutcomeUnknownError)
    expect([(await idsOf(a, 'mail')).length, (await idsOf(b, 'mail')).length]).toEqual([2, 0])
  })

  it('a reply is lost, and the next server has the same data: it is one job', async () => {
    await using servers = await oneServer()
    const { a, proxyA, proxyB } = servers
    await servers.rr.connect()
    await proxyA.dropReply(await replyOf(servers))
    await send(servers)
    expect(await idsOf(a, 'mail')).toEqual(['one'])
    expect(proxyB.bytesUp).toBeGreaterThan(0)
  })

  it('G11 moves where a server has become a replica', async () => {
    await using servers = await pair()
    const { rr, a, b } = servers
    await send(servers)
    await waitFor(async () => (await idsOf(b, 'mail')).length === 1)
    await b.promote()
    await a.replicate(b)
    await send(servers, { idempotent: false })
    expect(rr.providers[1]?.state).toBe('current')
    expect(await idsOf(b, 'mail')).toEqual(['one', 'one'])
  })

  it('G8 rejects where no server is up, and nothing was applied', async () => {
    await using servers = await twoServers()
    await Promise.all([servers.a.kill(), servers.b.kill()])
    const { error } = await ended(send(servers))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error?.outcome).toBe('not-applied')
  })
})

it('G11 jobs that are all refused are sent to the next server, though they are not idempotent', async () => {
  await using servers = await pair()
  const { rr, a, b } = servers
  await rr.connect()
  await b.promote()
  await a.replicate(b)
  const jobs = Array.from({ length: 500 }, (_, id) => ({ name: 'welcome', data: { id } }))
  expect(await rr.sendJobs('mail', jobs, { idempotent: false })).toHaveLength(500)
  expect((await idsOf(b, 'mail')).length).toBe(500)
})

it('G6 jobs in one go are cut off in the midst: at most once, it is said, and none is sent again', async () => {
  await using servers = await twoServers()
  const { rr, a, b, proxyA } = servers
  await rr.sendJobs('mail', [{ name: 'welcome', data: { id: 'first' } }])
  await proxyA.cutAfter(20_000, 'up')
  const jobs = Array.from({ length: 500 }, (_, id) => ({ name: 'welcome', data: { id } }))
  expect((await ended(rr.sendJobs('mail', jobs, { idempotent: false }))).error).toBeInstanceOf(OutcomeUnknownError)
  expect((await idsOf(a, 'mail')).length).toBeLessThan(501)
  expect(await idsOf(b, 'mail')).toEqual([])
  await proxyA.pass()
  // And if they are, all of them get through, to one server.
  await rr.sendJobs('mail', jobs)
  expect((await idsOf(b, 'mail')).length).toBe(500)
})

describe('data and options', () => {
  it('are asked for each attempt, and the id stays', async () => {
    await using servers = await oneServer()
    const { rr, a, proxyA } = servers
    await rr.connect()
    await proxyA.refuse()
    const seen: string[] = []
    proxyA.cut()
    const job = await rr.sendJob(
      'mail',
      'welcome',
      async ({ attempt, provider }) => {
        seen.push(`${attempt} ${provider === `127.0.0.1:${proxyA.port}` ? 'A' : 'B'}`)
        return { id: `attempt ${attempt}` }
      },
      ({ attempt }) => ({ priority: attempt }),
    )
    expect(seen.at(-1)).toMatch(/ B$/)
    expect(await idsOf(a, 'mail')).toEqual([`attempt ${seen.length}`])
    expect(job.opts.priority).toBe(seen.length)
    expect(job.id).toMatch(/^[\da-f-]{36}$/)
  })

  it('an id of one’s own is kept, in a flow, too', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    expect((await rr.sendJob('mail', 'welcome', { id: 1 }, { jobId: 'mine' })).id).toBe('mine')
    await rr.sendJob('mail', 'welcome', { id: 1 }, { jobId: 'mine' })
    const [one, two] = await rr.sendJobs('mail', [
      { name: 'welcome', data: { id: 2 }, opts: { jobId: 'also-mine' } },
      { name: 'welcome', data: { id: 3 } },
    ])
    expect(one?.id).toBe('also-mine')
    expect(two?.id).toMatch(/^[\da-f-]{36}$/)
    const children = [
      { name: 'child', queueName: 'mail', data: { id: 4 }, opts: { jobId: 'child' } },
      { name: 'child', queueName: 'other', data: { id: 5 } },
    ]
    const flow = await rr.sendFlow({ name: 'parent', queueName: 'mail', data: { id: 6 }, children })
    expect(flow.children?.map(({ job }) => job.id)).toEqual(['child', expect.stringMatching(/^[\da-f-]{36}$/)])
    expect((await idsOf(a, 'mail')).sort()).toEqual(['1', '2', '3', '4', '6'])
    expect(await idsOf(a, 'other')).toEqual(['5'])
  })

  it('of every queue hold for what is sent', async () => {
    await using servers = await twoServers({ queue: { prefix: 'mine', defaultJobOptions: { attempts: 7 } } })
    const { rr, a } = servers
    const flow = await rr.sendFlow({
      name: 'parent',
      queueName: 'mail',
      children: [{ name: 'child', queueName: 'other' }],
    })
    const jobs = [await rr.sendJob('mail', 'welcome', {}), flow.job, flow.children?.[0]?.job]
    expect(jobs.map((job) => job?.opts.attempts)).toEqual([7, 7, 7])
    expect(await a.command('EXISTS', `mine:mail:${jobs[0]?.id}`)).toBe('1')
  })
})

describe('rr.run', () => {
  it('has all that BullMQ has', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    const counts = await rr.run(async (queues) => {
      expect(queues.get('mail')).toBeInstanceOf(Queue)
      expect(queues.get('mail')).toBe(queues.get('mail'))
      expect(queues.flows).toBeInstanceOf(FlowProducer)
      await queues.get('mail').add('welcome', {})
      await queues.get('mail').upsertJobScheduler('hourly', { every: 3_600_000 })
      return await queues.get('mail').getJobCounts('waiting', 'delayed')
    })
    expect(counts.waiting).toBe(2)
  })

  it('G6 is not run again where a part of it was applied, though what failed was refused', async () => {
    await using servers = await pair()
    const { rr, a, b } = servers
    const { error } = await ended(
      rr.run(async (queues) => {
        await queues.get('mail').add('welcome', { id: 'one' })
        await waitFor(async () => (await idsOf(b, 'mail')).length === 1)
        await b.promote()
        await a.replicate(b)
        await queues.get('mail').add('welcome', { id: 'two' })
      }),
    )
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(await idsOf(b, 'mail')).toEqual(['one'])
  })

  it('thirty queues are one connection, and what a run has opened is closed', async () => {
    // A heartbeat would open a second one.
    await using servers = await twoServers({ heartbeatMs: Number.POSITIVE_INFINITY })
    const { rr, proxyA } = servers
    await rr.run(async (queues) => {
      for (let i = 0; i < 30; i++) await queues.get(`queue-${i}`).add('x', {})
    })
    for (let i = 0; i < 100; i++) await rr.run((queues) => queues.get('queue-0').getJobCounts())
    expect(proxyA.accepted).toBe(1)
    const listeners = await rr.run(({ redis }) => redis.eventNames().map((name) => redis.listenerCount(name)))
    expect(Math.max(...listeners)).toBeLessThan(100)
  })
})

/** What the server answers when the next job is added begins with its id, whose length it says first. */
async function replyOf(servers: { rr: import('../src/index.ts').BullMQRoundRobin }): Promise<string> {
  // Opened, so that nothing else is answered before.
  await servers.rr.run(async (queues) => {
    await queues.get('mail').waitUntilReady()
    await queues.flows.waitUntilReady()
  })
  return '$36\r\n'
}
