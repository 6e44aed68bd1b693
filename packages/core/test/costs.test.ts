import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { RoundRobin } from '../src/index.ts'

async function run(program: string, flags: string[], args: unknown[] = []): Promise<Record<string, number>> {
  const file = fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    '--import',
    'tsx',
    file,
    ...args.map(String),
  ])
  return JSON.parse(stdout)
}

async function ticksOf(call: () => Promise<unknown>): Promise<number> {
  let isDone = false
  void call().then(
    () => (isDone = true),
    () => (isDone = true),
  )
  let ticks = 0
  for (; !isDone; ticks++) await Promise.resolve()
  return ticks
}

test('the connected path costs exactly one microtask tick more than a direct call', async () => {
  const service = { get: async () => 7, fail: async () => Promise.reject(new Error('own')) }
  const rr = new RoundRobin(['a', 'b'], { connect: () => service })
  await rr.connect()
  const direct = await ticksOf(() => service.get())
  expect(await ticksOf(() => rr.run((service) => service.get()))).toBe(direct + 1)
  expect(await ticksOf(() => rr.run((service) => service.get(), { idempotent: true, maxAttempts: 3 }))).toBe(direct + 1)
  const directFailure = await ticksOf(() => service.fail())
  expect(await ticksOf(() => rr.run((service) => service.fail()))).toBe(directFailure + 1)
})

test('the connected path costs at most 220 bytes of heap more than a direct call', async () => {
  const { runBytes = 0, directBytes = 0 } = await run('cost', [
    '--expose-gc',
    '--min-semi-space-size=64',
    '--max-semi-space-size=64',
  ])
  expect(directBytes).toBeGreaterThan(0)
  expect(runBytes - directBytes).toBeGreaterThan(50)
  expect(runBytes - directBytes).toBeLessThanOrEqual(220)
})

test('G7 nothing is left behind by failovers, nor by runs with a deadline and a signal on a long-lived connection', {
  timeout: 300_000,
}, async () => {
  // A tenth on the other Node versions, five times as many in `npm run test:long`.
  const { TOURNIQUET_SHARE: share = '1' } = process.env
  const amounts = [20_000 * Number(share), 200_000 * Number(share)]
  const left = await run('leaks', ['--expose-gc'], amounts)
  expect(left).toMatchObject({ listeners: 0, socketsBefore: 2, sockets: 0, timers: 0 })
  // What the compiler keeps of the program itself; fifty bytes for each failover would be more than that.
  expect(left.failoverBytes).toBeLessThan(1_000_000)
  expect(left.runBytes).toBeLessThan(1_000_000)
})

test.each(['backoff', 'heartbeat'])('G7 no process is kept alive by a %s that no run waits for', async (what) => {
  const file = fileURLToPath(new URL('programs/exits.ts', import.meta.url))
  await promisify(execFile)(process.execPath, ['--import', 'tsx', file, what], { timeout: 20_000 })
})
