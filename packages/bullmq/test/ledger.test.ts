// 10,000 jobs, three that send them, workers, and servers that come and go.
import { TourniquetError } from '@tourniquet/core'
import { waitFor } from '@tourniquet/testkit'
import { expect, it } from 'vitest'
import { oneServer, type TwoServers, twoServers } from './two-servers.ts'

const jobs = 10_000
const strikes = 20
const fewestFailovers = 4
const eager = { drainDelay: 1, runRetryDelay: 100, stalledInterval: 500, lockDuration: 2000, maxStalledCount: 1000 }
// Renewed so often that only a pause of three seconds lets one expire, and its job be handed out twice.
const lasting = { ...eager, lockDuration: 4000, lockRenewTime: 500 }
const options = { heartbeatMs: 200, probeTimeoutMs: 300 }

/** Three producers and a worker, while something strikes again and again; then all are well, and what lies there is done. */
async function show(servers: TwoServers, settings: object, strike: (round: number) => Promise<void>) {
  const { rr } = servers
  const acknowledged = new Set<string>()
  const refused = new Set<string>()
  const processed = new Map<string, number>()
  let failovers = 0
  rr.on('failover', () => failovers++)
  const worker = rr.worker(
    'mail',
    async ({ data }) => {
      processed.set(data.id, (processed.get(data.id) ?? 0) + 1)
    },
    { ...settings, concurrency: 50 },
  )
  let next = 0
  let pending = 0
  let round = 0
  // Where servers are slow to start, all jobs may be sent after a few strikes: then more are, until enough has happened.
  const isOver = () => next >= jobs && (failovers >= fewestFailovers || round >= strikes)
  async function produce(): Promise<void> {
    while (!isOver()) {
      const ids = Array.from({ length: next % 3 === 0 ? 20 : 1 }, () => `job-${next++}`)
      pending++
      try {
        if (ids.length === 1) await rr.sendJob('mail', 'welcome', { id: ids[0] })
        else
          await rr.sendJobs(
            'mail',
            ids.map((id) => ({ name: 'welcome', data: { id } })),
          )
        for (const id of ids) acknowledged.add(id)
      } catch (error) {
        if (!(error instanceof TourniquetError)) throw error
        if (error.outcome === 'not-applied') for (const id of ids) refused.add(id)
      } finally {
        pending--
      }
      if (next % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const producing = Promise.all([produce(), produce(), produce()])
  for (; round < strikes && !isOver(); round++) await strike(round)
  await producing
  expect(pending).toBe(0)
  await waitFor(() => [...acknowledged].every((id) => processed.has(id)), {
    timeoutMs: 60_000,
    what: 'all to be processed',
  })
  await waitFor(async () => (await waiting(servers)) === 0, { timeoutMs: 60_000, what: 'nothing to lie waiting' })
  await worker.close()
  const twice = [...processed.values()].filter((times) => times > 1).length
  return { sent: next, acknowledged, refused, processed, failovers, twice }
}

async function waiting({ a, b }: TwoServers): Promise<number> {
  let count = 0
  for (const server of new Set([a, b])) {
    for (const list of ['wait', 'active']) count += Number(await server.command('LLEN', `bull:mail:${list}`))
  }
  return count
}

it('G6 every job that was acknowledged is processed, whichever servers are killed', { timeout: 180_000 }, async () => {
  await using servers = await twoServers(options)
  const { a, b } = servers
  const both = [a, b]
  const { sent, acknowledged, refused, processed, failovers } = await show(servers, eager, async (round) => {
    const server = both[round % 2]
    await pause(100)
    await server?.kill()
    await pause(50)
    await server?.restart()
  })
  expect(acknowledged.size).toBeGreaterThan(sent * 0.9)
  expect(failovers).toBeGreaterThanOrEqual(fewestFailovers)
  expect([...refused].filter((id) => processed.has(id))).toEqual([])
})

it('G6 with one set of data each job is processed once, however it is reached', { timeout: 180_000 }, async () => {
  await using servers = await oneServer(options)
  const { proxyA, proxyB } = servers
  const both = [proxyA, proxyB]
  const { sent, acknowledged, refused, processed, failovers, twice } = await show(servers, lasting, async (round) => {
    const proxy = both[round % 2]
    await pause(100)
    if (round % 3 === 0) await proxy?.freeze()
    else if (round % 3 === 1) await proxy?.dropReply('$36\r\n')
    else await proxy?.refuse()
    proxy?.cut()
    await pause(100)
    await proxy?.pass()
  })
  expect(acknowledged.size).toBeGreaterThan(sent * 0.9)
  expect(failovers).toBeGreaterThanOrEqual(fewestFailovers)
  expect([...refused].filter((id) => processed.has(id))).toEqual([])
  expect(twice).toBe(0)
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
