// What an attack on the workers has found.
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, it, vi } from 'vitest'
import type { FailoverWorker } from '../../src/index.ts'
import { pair, twoServers, urlOf } from '../two-servers.ts'

const eager = { drainDelay: 1, runRetryDelay: 200 }
const sandboxed = join(import.meta.dirname, '../programs/sandboxed.cjs')

/** What of a worker of BullMQ asks for a job. */
interface HandsOut {
  moveToActive(...args: unknown[]): Promise<unknown>
  once(event: 'closing', listener: () => void): void
}

/** Blocks our own event loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

async function ready(worker: FailoverWorker): Promise<void> {
  await Promise.all([...worker.workers.values()].map((each) => each.waitUntilReady()))
}

it('a job that is handed out while its worker begins to close is waited for', async () => {
  await using servers = await twoServers()
  const { rr, a, proxyA } = servers
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const worker = rr.worker('mail', () => finished)
  await ready(worker)
  await proxyA.delay(50)
  await rr.sendJob('mail', 'welcome', {})
  await waitFor(async () => (await a.command('LLEN', 'bull:mail:active')) === '1')
  const closing = worker.close({ drainMs: 20_000 })
  setTimeout(finish, 1000)
  await closing
  expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
})

it('and so it is where our own event loop is blocked while the server is asked whether it is well', async () => {
  await using servers = await twoServers()
  const { rr, a } = servers
  // Not through the proxy, which is in this process: the answer is there when it goes on.
  rr.setSources([a.url])
  const worker = rr.worker('mail', async () => {})
  await ready(worker)
  const one = worker.workers.values().next().value as unknown as HandsOut
  const handOut = one.moveToActive.bind(one)
  const handedOut = new Promise<void>((resolve) => {
    one.moveToActive = async (...args) => {
      const job = await handOut(...args)
      if (!job) return job
      resolve()
      // Until it was decided whether the server is well.
      await new Promise<void>((decided) => one.once('closing', decided))
      return job
    }
  })
  await rr.sendJob('mail', 'welcome', {})
  await handedOut
  const closing = worker.close({ drainMs: 20_000 })
  block(500)
  await closing
  expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
})

it('jobs that were given up end without keeping anybody busy', async () => {
  await using servers = await twoServers()
  const { rr } = servers
  let isEnded = false
  const worker = rr.worker('mail', async () => {
    await sleep(600)
    isEnded = true
  })
  const active = new Promise((resolve) => worker.once('active', resolve))
  await rr.sendJob('mail', 'welcome', {})
  await active
  await worker.close({ drainMs: 0 })
  await waitFor(() => isEnded)
  const { user } = process.cpuUsage()
  await sleep(500)
  expect(process.cpuUsage().user - user).toBeLessThan(250_000)
})

it('works again after a connection that was accepted and never answered', async () => {
  await using servers = await twoServers()
  const { rr, proxyA } = servers
  rr.setSources([urlOf(proxyA)])
  const done = vi.fn()
  const worker = rr.worker('mail', async () => done(), eager)
  await ready(worker)
  const { accepted } = proxyA
  await proxyA.mute()
  proxyA.cut()
  await waitFor(() => proxyA.accepted >= accepted + 2)
  await proxyA.pass()
  await rr.sendJob('mail', 'welcome', {}, {}, { deadlineMs: 30_000 })
  await waitFor(() => done.mock.calls.length === 1, { timeoutMs: 30_000 })
})

it('is paused while a provider is down, and works again when both are over', async () => {
  await using servers = await twoServers()
  const { rr, a, proxyA } = servers
  rr.setSources([urlOf(proxyA)])
  const done = vi.fn()
  const worker = rr.worker('mail', async () => done(), eager)
  await ready(worker)
  await a.kill()
  await worker.pause()
  worker.resume()
  await a.restart()
  await rr.sendJob('mail', 'welcome', {}, {}, { deadlineMs: 30_000 })
  await waitFor(() => done.mock.calls.length === 1, { timeoutMs: 30_000 })
})

it('asks a server that refuses once a second, says so once, and works when it does no more', async () => {
  await using servers = await pair()
  const { rr, a, b, proxyB } = servers
  const done = vi.fn()
  const errors: string[] = []
  const worker = rr.worker('mail', async () => done(), eager)
  worker.on('error', (error, { provider }) => errors.push(`${provider} ${error.message}`))
  await ready(worker)
  await waitFor(() => errors.length > 0)
  const before = scriptsOf(await b.command('INFO', 'commandstats'))
  await sleep(2000)
  expect(scriptsOf(await b.command('INFO', 'commandstats')) - before).toBeLessThan(10)
  // Once when it asked for a job, and once when it looked for stalled ones, each half a minute.
  const refusals = errors.filter((each) => each.startsWith(`127.0.0.1:${proxyB.port} READONLY`))
  expect(refusals.length).toBeGreaterThan(0)
  expect(refusals.length).toBeLessThanOrEqual(2)
  await a.kill()
  await b.promote()
  await rr.sendJob('mail', 'welcome', {})
  await waitFor(() => done.mock.calls.length === 1)
})

describe('what waits for its turn', () => {
  it('is not begun after close', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    let begun = 0
    const worker = rr.worker(
      'mail',
      async () => {
        begun++
        await sleep(300)
      },
      { concurrency: 3, totalConcurrency: 1 },
    )
    for (let i = 0; i < 3; i++) await rr.sendJob('mail', 'welcome', {})
    await waitFor(() => begun === 1)
    await worker.close({ drainMs: 50 })
    await sleep(500)
    expect(begun).toBe(1)
  })
})

describe('a process that is just being started', () => {
  it.each([false, true])('does not work on after close (thread: %s)', async (useWorkerThreads) => {
    await using servers = await twoServers()
    const { rr } = servers
    const files = new Set<string>()
    for (const ms of [0, 40, 80]) {
      const file = join(tmpdir(), `tourniquet-${process.pid}-${Math.random()}`)
      files.add(file)
      writeFileSync(file, 'not begun')
      const worker = rr.worker(`mail-${ms}`, sandboxed, { useWorkerThreads })
      const active = new Promise((resolve) => worker.once('active', resolve))
      await rr.sendJob(`mail-${ms}`, 'welcome', { ms: 3000, file })
      await active
      await sleep(ms)
      await worker.close({ drainMs: 0 })
    }
    await sleep(4000)
    for (const file of files) expect(readFileSync(file, 'utf8')).not.toBe('done')
  })
})

describe('close of the BullMQRoundRobin', () => {
  it('lets jobs that are worked on send others', async () => {
    await using servers = await twoServers()
    const { rr, a } = servers
    let isActive = false
    rr.worker('mail', async () => {
      isActive = true
      await sleep(200)
      await rr.sendJob('other', 'next', {})
    })
    await rr.sendJob('mail', 'welcome', {})
    await waitFor(() => isActive)
    await rr.close()
    expect(await a.command('ZCARD', 'bull:mail:completed')).toBe('1')
    expect(await a.command('LLEN', 'bull:other:wait')).toBe('1')
  })

  it('is the same promise, and a second one with less time shortens it', async () => {
    await using servers = await twoServers({ drainMs: 20_000 })
    const { rr } = servers
    const worker = rr.worker('mail', () => sleep(60_000, undefined, { ref: false }))
    const active = new Promise((resolve) => worker.once('active', resolve))
    await rr.sendJob('mail', 'welcome', {})
    await active
    const begun = performance.now()
    const closing = rr.close()
    expect(rr.close({ drainMs: 0 })).toBe(closing)
    await closing
    expect(performance.now() - begun).toBeLessThan(3 * 1000)
  })

  it('takes no more jobs, though somebody resumes', async () => {
    await using servers = await twoServers()
    const { rr } = servers
    let begun = 0
    const worker = rr.worker('mail', async () => {
      begun++
      await sleep(300)
    })
    for (let i = 0; i < 3; i++) await rr.sendJob('mail', 'welcome', {})
    await waitFor(() => begun === 1)
    const closing = worker.close()
    worker.resume()
    worker.run()
    await closing
    expect(begun).toBe(1)
  })
})

it('a listener that throws costs no job, and is an error of the worker', async () => {
  await using servers = await twoServers()
  const { rr } = servers
  const done = vi.fn()
  const errors: string[] = []
  const worker = rr.worker('mail', async () => done(), eager)
  worker.on('active', () => {
    throw new Error('mine')
  })
  worker.on('error', ({ message }) => errors.push(message))
  await rr.sendJob('mail', 'welcome', {})
  await waitFor(() => done.mock.calls.length === 1)
  expect(errors).toEqual(['mine'])
})

it('begins when it is told to', async () => {
  await using servers = await twoServers()
  const { rr } = servers
  const done = vi.fn()
  const worker = rr.worker('mail', async () => done(), { autorun: false })
  await ready(worker)
  await rr.sendJob('mail', 'welcome', {})
  await sleep(100)
  expect(done).not.toHaveBeenCalled()
  worker.run()
  await waitFor(() => done.mock.calls.length === 1)
})

it('leaves no connection where BullMQ refuses its options', async () => {
  await using servers = await twoServers()
  const { rr, proxyA, proxyB } = servers
  for (let i = 0; i < 4; i++) expect(() => rr.worker('mail', async () => {}, { drainDelay: 0 })).toThrow(/drainDelay/)
  await waitFor(() => proxyA.open + proxyB.open === 0)
  await sleep(300)
  expect(proxyA.open + proxyB.open).toBe(0)
})

function scriptsOf(stats: string): number {
  return [...stats.matchAll(/cmdstat_evalsha:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0)
}
