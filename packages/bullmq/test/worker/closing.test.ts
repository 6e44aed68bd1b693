import { join } from 'node:path'
import { setImmediate as nextCheck } from 'node:timers/promises'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import type { FailoverWorker } from '../../src/index.ts'
import { idsOf } from '../kind.ts'
import { type TwoServers, twoServers } from '../two-servers.ts'

const drainMs = 500
// Three times what is promised, for a slow machine; what must not be waited for takes far longer.
const mostMs = 3 * (drainMs + 1000)
const longMs = 20_000
const sandboxed = join(import.meta.dirname, '../programs/sandboxed.cjs')

const faults = {
  alive: async () => {},
  dead: ({ a }: TwoServers) => a.kill(),
  frozen: ({ a }: TwoServers) => a.freeze(),
  'cut off': ({ proxyA }: TwoServers) => proxyA.freeze(),
}

// The first one: what BullMQ has begun for a server that was lost may rest for a while after the others.
it('close of a worker whose job never ends leaves no timer that would keep the process alive', async () => {
  await using servers = await twoServers()
  const { rr } = servers
  const worker = rr.worker('mail', () => new Promise(() => {}))
  await ready(worker)
  const active = new Promise((resolve) => worker.once('active', resolve))
  await rr.sendJob('mail', 'welcome', {})
  await active
  await worker.close({ drainMs: 100 })
  await rr.close()
  // That of waitFor itself is left.
  await waitFor(async () => (await timers()) === 1)
})

describe.each(Object.entries(faults))('a worker is closed while its server is %s', (fault, strike) => {
  it.each(['idle', 'busy', 'busy for too long'])('and it is %s', async (state) => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const isBusy = state !== 'idle'
    let begun = 0
    let ended = 0
    const worker = rr.worker('mail', async (job) => {
      begun++
      await new Promise((resolve) => setTimeout(resolve, job.data.ms).unref())
      ended++
    })
    await ready(worker)
    if (isBusy) await rr.sendJob('mail', 'welcome', { id: 'x', ms: state === 'busy' ? 150 : 60_000 })
    await waitFor(() => begun === (isBusy ? 1 : 0))
    await strike(servers)
    const canFinish = fault === 'alive' && state === 'busy'
    const took = await time(() => worker.close({ drainMs: state === 'idle' || canFinish ? longMs : drainMs }))
    expect(took).toBeLessThan(mostMs)
    expect(ended).toBe(state === 'busy' ? 1 : 0)
    if (canFinish) expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
  })

  it('and it works in a process of its own: that ends, too', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    const worker = rr.worker('mail', sandboxed)
    const first = new Promise<number>((resolve) => worker.once('completed', (_, pid) => resolve(pid)))
    await rr.sendJob('mail', 'welcome', { ms: 0 })
    const pid = await first
    const active = new Promise((resolve) => worker.once('active', resolve))
    await rr.sendJob('mail', 'welcome', { ms: 60_000 })
    await active
    expect(isThere(pid)).toBe(true)
    await strike(servers)
    expect(await time(() => worker.close({ drainMs }))).toBeLessThan(mostMs)
    await waitFor(() => !isThere(pid))
  })
})

describe('close', () => {
  it('of the BullMQRoundRobin closes its workers, too, and no connection is left', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    const worker = rr.worker('mail', async () => {})
    const done = new Promise((resolve) => worker.once('completed', resolve))
    await rr.sendJob('mail', 'welcome', {})
    await done
    await rr.close()
    await waitFor(() => proxyA.open + proxyB.open === 0)
    expect(() => rr.worker('mail', async () => {})).toThrow(expect.objectContaining({ code: 'TOURNIQUET_CLOSED' }))
    await expect(rr.sendJob('mail', 'welcome', {})).rejects.toMatchObject({ code: 'TOURNIQUET_CLOSED' })
  })

  it('while no server was ever up', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    await Promise.all([a.kill(), b.kill()])
    const worker = rr.worker('mail', async () => {})
    expect(await time(() => worker.close({ drainMs: longMs }))).toBeLessThan(mostMs)
  })

  it('at once after it was made', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    const worker = rr.worker('mail', async () => {})
    expect(await time(() => worker.close({ drainMs: longMs }))).toBeLessThan(mostMs)
    await waitFor(() => proxyA.open + proxyB.open === 0)
  })

  it('of one worker leaves the others, and what was given up is worked on again', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const quick = { lockDuration: 500, stalledInterval: 300 }
    const first = rr.worker('mail', () => new Promise(() => {}), quick)
    const active = new Promise((resolve) => first.once('active', resolve))
    await rr.sendJob('mail', 'welcome', { id: 'x' })
    await active
    await first.close({ drainMs: 0 })
    const second = rr.worker('mail', async ({ data }) => data.id, quick)
    expect(await new Promise((resolve) => second.once('completed', (_, result) => resolve(result)))).toBe('x')
    expect(await idsOf(a, 'mail')).toEqual(['x'])
  })

  it('waits for longer than drainMs of the BullMQRoundRobin, where it is told so', async () => {
    await using servers = await twoServers({ drainMs: 50 })
    const { rr, a } = servers
    const worker = rr.worker('mail', () => new Promise((resolve) => setTimeout(resolve, 500)))
    const active = new Promise((resolve) => worker.once('active', resolve))
    await rr.sendJob('mail', 'welcome', {})
    await active
    await worker.close({ drainMs: 5000 })
    expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
  })

  it('twice is once', async () => {
    await using servers = await twoServers()
    const worker = servers.rr.worker('mail', async () => {})
    expect(worker.close()).toBe(worker.close())
    await worker.close()
  })
})

async function ready(worker: FailoverWorker): Promise<void> {
  await Promise.all([...worker.workers.values()].map((each) => each.waitUntilReady()))
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Asked in no timer's own turn, in which it would be counted. */
async function timers(): Promise<number> {
  await nextCheck()
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
