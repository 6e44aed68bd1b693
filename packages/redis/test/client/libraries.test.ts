import { type RedisServer, waitFor } from '@tourniquet/testkit'
import { type ConnectionOptions, type Job, Queue, QueueEvents, Worker } from 'bullmq'
import { RedisStore } from 'connect-redis'
// @ts-expect-error: it comes without types
import { Store } from 'express-session'
import type { Redis } from 'ioredis'
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible'
import { describe, expect, it } from 'vitest'
import { pair, type TwoServers, twoServers } from '../two-servers.ts'
import { below } from './subjects.ts'

/** How much of what the primary has written it has itself. */
const offsetOf = async (server: RedisServer, field: string) =>
  new RegExp(`^${field}:(\\d+)`, 'm').exec(await server.command('INFO', 'replication'))?.[1]

/** A dial that began before the promotion still finds a replica: who joins it needs an attempt more than two servers have. */
const patient = { maxAttempts: 10 }

/** The primary is lost; its replica has all that it had, and takes its place. */
async function promoteB({ a, b, proxyA }: TwoServers): Promise<void> {
  const offset = await offsetOf(a, 'master_repl_offset')
  await waitFor(async () => Number(await offsetOf(b, 'slave_repl_offset')) >= Number(offset))
  await a.kill()
  proxyA.cut()
  await b.promote()
}

describe('rate-limiter-flexible', () => {
  it('counts on at the replica that took over', async () => {
    await using servers = await pair(patient)
    const limiter = new RateLimiterRedis({
      storeClient: servers.client,
      points: 5,
      duration: 600,
      rejectIfRedisNotReady: false,
    })
    for (const left of [4, 3]) expect((await limiter.consume('me')).remainingPoints).toBe(left)
    await promoteB(servers)
    await waitFor(() => servers.client.status === 'ready')
    for (const left of [2, 1, 0]) expect((await limiter.consume('me')).remainingPoints).toBe(left)
    const refused = (await limiter.consume('me').catch((reason) => reason)) as RateLimiterRes
    expect(refused).toMatchObject({ remainingPoints: 0, consumedPoints: 6 })
    expect((await limiter.get('me'))?.consumedPoints).toBe(6)
    expect(await limiter.delete('me')).toBe(true)
    expect(await limiter.get('me')).toBeNull()
  })

  it('begins anew at a server that knows nothing, with a script that it does not know', async () => {
    await using servers = await twoServers()
    const limiter = new RateLimiterRedis({ storeClient: servers.client, points: 5, duration: 600 })
    expect((await limiter.consume('me')).remainingPoints).toBe(4)
    await servers.a.kill()
    expect((await limiter.consume('me', 2)).remainingPoints).toBe(3)
  })
})

interface SessionData {
  readonly cookie: { readonly originalMaxAge: number | null }
  readonly user: string
}

/** What a Store does, as promises. */
function promised(store: RedisStore) {
  const call = <T>(send: (callback: (error: unknown, value?: T) => void) => unknown) =>
    new Promise<T | undefined>((resolve, reject) => send((error, value) => (error ? reject(error) : resolve(value))))
  return {
    set: (id: string, data: SessionData) => call((callback) => store.set(id, data, callback)),
    get: (id: string) => call<SessionData | null>((callback) => store.get(id, callback as never)),
    touch: (id: string, data: SessionData) => call((callback) => store.touch(id, data, callback)),
    destroy: (id: string) => call((callback) => store.destroy(id, callback)),
    all: () => call<(SessionData & { id: string })[]>((callback) => store.all(callback as never)),
    length: () => call<number>((callback) => store.length(callback as never)),
  }
}

describe('connect-redis', () => {
  it('is a store of sessions, before and after the replica took over', async () => {
    await using servers = await pair(patient)
    const made = new RedisStore({ client: servers.client, prefix: 'app:', ttl: 600 })
    expect(made).toBeInstanceOf(Store)
    const store = promised(made)
    const data = (user: string) => ({ cookie: { originalMaxAge: null }, user })
    for (const id of below(10)) await store.set(`${id}`, data(`user ${id}`))
    await store.destroy('9')
    expect(await store.get('0')).toEqual(data('user 0'))
    await promoteB(servers)
    await waitFor(() => servers.client.status === 'ready')
    expect(await store.get('0')).toEqual(data('user 0'))
    expect(await store.get('9')).toBeNull()
    await servers.b.command('EXPIRE', 'app:0', '10')
    await store.touch('0', data('user 0'))
    expect(Number(await servers.b.command('TTL', 'app:0'))).toBeGreaterThan(500)
    await store.set('10', data('user 10'))
    const all = (await store.all()) ?? []
    expect(all.map(({ id }) => id).sort()).toEqual(['0', '1', '10', '2', '3', '4', '5', '6', '7', '8'])
    expect(await store.length()).toBe(10)
  })
})

interface Work extends AsyncDisposable {
  readonly queue: Queue
  readonly done: string[]
  readonly errors: Error[]
  worker(): Worker
}

function workOn(client: Redis, name: string): Work {
  const connection = client as unknown as ConnectionOptions
  const queue = new Queue(name, { connection })
  const open: { close(): Promise<unknown> }[] = [queue]
  const done: string[] = []
  const errors: Error[] = []
  queue.on('error', (error) => errors.push(error))
  return {
    queue,
    done,
    errors,
    worker() {
      const worker = new Worker(name, async (job: Job) => done.push(job.name), { connection, drainDelay: 5 })
      worker.on('error', (error) => errors.push(error))
      open.push(worker)
      return worker
    },
    async [Symbol.asyncDispose]() {
      for (const each of open.reverse()) await each.close()
    },
  }
}

describe('BullMQ', () => {
  it('a worker that waits for jobs takes those that are added after the replica took over', async () => {
    await using servers = await pair(patient)
    await using work = workOn(servers.client, 'jobs')
    const { queue, done } = work
    const worker = work.worker()
    await worker.waitUntilReady()
    for (const index of below(5)) await queue.add(`${index}`, {})
    await waitFor(() => done.length === 5)
    await waitFor(async () => (await servers.a.command('CLIENT', 'LIST')).includes('cmd=bzpopmin'))
    await promoteB(servers)
    for (const index of below(5)) await queue.add(`${index + 5}`, {})
    await waitFor(() => done.length === 10, { timeoutMs: 20_000 })
    expect([...done].sort()).toEqual(below(10).map(String))
    await waitFor(async () => (await queue.getCompletedCount()) === 10)
  })

  it('jobs that waited at the primary are done at the replica, each once', async () => {
    await using servers = await pair(patient)
    await using work = workOn(servers.client, 'jobs')
    const { queue, done } = work
    const events = new QueueEvents('jobs', { connection: servers.client })
    const completed: string[] = []
    events.on('completed', ({ jobId }) => completed.push(jobId))
    events.on('error', () => {})
    await events.waitUntilReady()
    await queue.addBulk(below(20).map((index) => ({ name: `${index}`, data: { index } })))
    await queue.add('later', {}, { delay: 100 })
    await promoteB(servers)
    // It listens from then on, as an XREAD from $ does: what happens before is not told.
    await waitFor(async () => (await servers.b.command('CLIENT', 'LIST')).includes('cmd=xread'))
    work.worker()
    await waitFor(() => done.length === 21, { timeoutMs: 20_000 })
    expect([...done].sort()).toEqual([...below(20).map(String), 'later'].sort())
    await waitFor(() => completed.length === 21)
    expect(await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed')).toEqual({
      waiting: 0,
      active: 0,
      completed: 21,
      failed: 0,
      delayed: 0,
    })
    await events.close()
  })
})
