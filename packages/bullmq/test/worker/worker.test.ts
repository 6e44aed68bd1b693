import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { oneServer, twoServers, urlOf } from '../two-servers.ts'

// A worker that has lost its server looks again this soon.
const eager = { drainDelay: 1, runRetryDelay: 200, stalledInterval: 1000, lockDuration: 2000 }

describe('a worker', () => {
  it('works on the jobs of all providers, and its events say of which', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    const seen: string[] = []
    const worker = rr.worker('mail', async (job) => `done ${job.data.id}`, eager)
    worker.on('completed', (job, result, _, { provider }) => seen.push(`${job.data.id} ${result} ${provider}`))
    await rr.sendJob('mail', 'welcome', { id: 1 })
    await rr.failover()
    await rr.sendJob('mail', 'welcome', { id: 2 })
    await waitFor(() => seen.length === 2)
    expect(seen.sort()).toEqual([`1 done 1 127.0.0.1:${proxyA.port}`, `2 done 2 127.0.0.1:${proxyB.port}`])
    expect([...worker.workers.keys()]).toEqual([`127.0.0.1:${proxyA.port}`, `127.0.0.1:${proxyB.port}`])
  })

  it('tells of a job that has failed, and tries it again as BullMQ does', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    const failed: string[] = []
    const worker = rr.worker('mail', async (job) => {
      if (job.attemptsMade === 0) throw new Error('not yet')
      return 'done'
    })
    worker.on('failed', (job, error, _, { provider }) => failed.push(`${job?.id} ${error.message} ${typeof provider}`))
    const completed = new Promise((resolve) => worker.once('completed', (_, result) => resolve(result)))
    await rr.sendJob('mail', 'welcome', {}, { jobId: 'mine', attempts: 2 })
    expect(await completed).toBe('done')
    expect(failed).toEqual(['mine not yet string'])
  })

  it.each(['kill', 'freeze'] as const)('survives a %s of a provider, and picks up what lay there', async (fault) => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const done: number[] = []
    const worker = rr.worker(
      'mail',
      async (job) => {
        done.push(job.data.id)
      },
      eager,
    )
    await worker.pause()
    for (const id of [1, 2, 3]) await rr.sendJob('mail', 'welcome', { id })
    if (fault === 'kill') await a.kill()
    else await a.freeze()
    worker.resume()
    await rr.failover()
    await rr.sendJob('mail', 'welcome', { id: 4 })
    await waitFor(() => done.includes(4))
    expect(done).toEqual([4])
    if (fault === 'kill') await a.restart()
    else await a.thaw()
    await waitFor(() => done.length === 4, { timeoutMs: 20_000 })
    expect(new Set(done)).toEqual(new Set([1, 2, 3, 4]))
  })

  it('begins with a provider that was down at first', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    await a.kill()
    const done: number[] = []
    rr.worker('mail', async (job) => void done.push(job.data.id), eager)
    await rr.sendJob('mail', 'welcome', { id: 1 })
    await waitFor(() => done.length === 1)
    await a.restart()
    await rr.failover()
    await rr.sendJob('mail', 'welcome', { id: 2 })
    await waitFor(() => done.length === 2, { timeoutMs: 20_000 })
  })

  it('a server that has fallen silent with its sockets open is dialled again', async () => {
    await using servers = await twoServers()
    const { rr, a, proxyA } = servers
    let finish = (): void => {}
    const patient = { ...eager, lockDuration: 60_000, stalledInterval: 60_000 }
    const worker = rr.worker('mail', () => new Promise<void>((resolve) => (finish = resolve)), patient)
    const active = new Promise((resolve) => worker.once('active', resolve))
    const errors: string[] = []
    worker.on('error', (error) => errors.push(error.message))
    await rr.sendJob('mail', 'one', {})
    await active
    await proxyA.freeze()
    finish()
    await waitFor(() => errors.some((message) => message.startsWith('Socket timeout')), { timeoutMs: 30_000 })
    await proxyA.pass()
    await waitFor(async () => (await a.command('ZCARD', 'bull:mail:completed')) === '1')
  })

  it('follows setSources', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    rr.setSources([urlOf(proxyA)])
    const seen: string[] = []
    const worker = rr.worker('mail', async () => {}, eager)
    worker.on('completed', (_, __, ___, { provider }) => seen.push(provider))
    await rr.sendJob('mail', 'welcome', {})
    await waitFor(() => seen.length === 1)
    expect(proxyB.accepted).toBe(0)
    rr.setSources([urlOf(proxyB)])
    await rr.sendJob('mail', 'welcome', {})
    await waitFor(() => seen.length === 2)
    expect(seen).toEqual([proxyA, proxyB].map(({ port }) => `127.0.0.1:${port}`))
    await waitFor(() => proxyA.open === 0)
  })
})

describe('concurrency', () => {
  /** None ends before as many as expected are worked on. */
  async function mostAtOnce(options: object, expected: number): Promise<{ perProvider: number; all: number }> {
    await using servers = await twoServers()
    const { rr } = servers
    const running = new Map<string, number>()
    let [perProvider, all, done] = [0, 0, 0]
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const worker = rr.worker(
      'mail',
      async (job) => {
        const provider = job.data.provider as string
        running.set(provider, (running.get(provider) ?? 0) + 1)
        perProvider = Math.max(perProvider, ...running.values())
        all = Math.max(
          all,
          [...running.values()].reduce((sum, each) => sum + each),
        )
        await gate
        await new Promise((resolve) => setTimeout(resolve, 20))
        running.set(provider, (running.get(provider) ?? 0) - 1)
        done++
      },
      options,
    )
    await worker.pause()
    for (let i = 0; i < 2; i++) {
      const jobs = Array.from({ length: 20 }, () => ({
        name: 'welcome',
        data: ({ provider }: { provider: string }) => ({ provider }),
      }))
      await rr.sendJobs('mail', jobs)
      await rr.failover()
    }
    worker.resume()
    await waitFor(() => all === expected)
    open()
    await waitFor(() => done === 40)
    return { perProvider, all }
  }

  it('is of each provider', async () => {
    expect(await mostAtOnce({ concurrency: 3 }, 6)).toEqual({ perProvider: 3, all: 6 })
  })

  it('may be limited for all of them', async () => {
    const { perProvider, all } = await mostAtOnce({ concurrency: 3, totalConcurrency: 4 }, 4)
    expect(perProvider).toBeLessThanOrEqual(3)
    expect(all).toBe(4)
  })

  it('is 1 by default', async () => {
    expect(await mostAtOnce({}, 2)).toEqual({ perProvider: 1, all: 2 })
  })
})

it('nothing is told of an error that nobody listens to, and everything where somebody does', async () => {
  await using servers = await oneServer()
  const { rr, a, proxyB } = servers
  await proxyB.refuse()
  const worker = rr.worker('mail', async () => {}, eager)
  const errors: string[] = []
  await waitFor(() => worker.workers.size === 2)
  worker.on('error', (error, { provider }) => errors.push(`${provider} ${error.message}`))
  await waitFor(() => errors.length > 0)
  expect(errors[0]).toMatch(new RegExp(`^127.0.0.1:${proxyB.port} .*ECONNREFUSED`))
  expect(a.state).toBe('running')
})
