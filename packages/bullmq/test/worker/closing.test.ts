import { join } from 'node:path'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { idsOf } from '../kind.ts'
import { type TwoServers, twoServers } from '../two-servers.ts'

const drainMs = 500
const sandboxed = join(import.meta.dirname, '../programs/sandboxed.cjs')

const faults = {
  alive: async () => {},
  dead: ({ a }: TwoServers) => a.kill(),
  frozen: ({ a }: TwoServers) => a.freeze(),
  'cut off': ({ proxyA }: TwoServers) => proxyA.freeze(),
}

describe.each(Object.entries(faults))('a worker is closed while its server is %s', (fault, strike) => {
  it.each(['idle', 'busy', 'busy for too long'])('and it is %s', async (state) => {
    await using servers = await twoServers()
    const { rr, a } = servers
    const isBusy = state !== 'idle'
    let begun = 0
    let ended = 0
    const worker = rr.worker('mail', async (job) => {
      begun++
      await new Promise((resolve) => setTimeout(resolve, job.data.ms))
      ended++
    })
    await Promise.all([...worker.workers.values()].map((each) => each.waitUntilReady()))
    if (isBusy) await rr.sendJob('mail', 'welcome', { id: 'x', ms: state === 'busy' ? 150 : 3000 })
    await waitFor(() => begun === (isBusy ? 1 : 0))
    await strike(servers)
    const took = await time(() => worker.close({ drainMs }))
    expect(took).toBeLessThan(drainMs + 1000)
    if (state === 'idle') expect(took).toBeLessThan(1000)
    expect(ended).toBe(state === 'busy' ? 1 : 0)
    if (fault === 'alive' && state === 'busy') expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
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
    expect(await time(() => worker.close({ drainMs }))).toBeLessThan(drainMs + 1000)
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

  it('of a worker whose job never ends leaves no timer that would keep the process alive', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    const before = await waitFor(timers)
    const worker = rr.worker('mail', () => new Promise(() => {}))
    const active = new Promise((resolve) => worker.once('active', resolve))
    await rr.sendJob('mail', 'welcome', {})
    await active
    await worker.close({ drainMs: 100 })
    await rr.close()
    await waitFor(() => timers() <= before)
  })

  it('while no server was ever up', async () => {
    await using servers = await twoServers()
    const { rr, a, b } = servers
    await Promise.all([a.kill(), b.kill()])
    const worker = rr.worker('mail', async () => {})
    expect(await time(() => worker.close({ drainMs }))).toBeLessThan(1000)
  })

  it('at once after it was made', async () => {
    await using servers = await twoServers()
    const { rr, proxyA, proxyB } = servers
    const worker = rr.worker('mail', async () => {})
    expect(await time(() => worker.close({ drainMs }))).toBeLessThan(1000)
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

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
