import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { RoundRobin } from './index.ts'

// Where the spare's four uses meet: what mutation testing and the random scenarios found.

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const refused = failure('ECONNREFUSED')
const reset = failure('ECONNRESET')
const ownLimit = failure('EMFILE')
const at = ({ source }: { source: string }) => source
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const slowly = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const states = (rr: Pick<RoundRobin<string, unknown>, 'providers'>) => rr.providers.map(({ state }) => state)

test('a standby that cannot be dialled is told of, cools, and shows why', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? Promise.reject(refused) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true, cooldownMs: 10_000 })
  const fails: unknown[] = []
  rr.on('fail', ({ provider, error, phase, verdict }) => fails.push([provider, error, phase, verdict]))
  await rr.connect()
  await pass(5)
  expect(fails).toEqual([['b', refused, 'connect', 'next']])
  expect(rr.providers[1]).toMatchObject({ state: 'cooling', lastError: refused })
  await pass(9000)
  expect(connector.dials).toEqual(['a', 'b'])
})

test('an error of the caller’s own says nothing of the provider that a standby was dialled at', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? Promise.reject(ownLimit) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true, cooldownMs: 10_000 })
  await rr.connect()
  await microtasks()
  expect(rr.providers[1]).toEqual({ provider: 'b', state: 'idle' })
})

test('a spare that is lost cools, and shows why', async () => {
  const connector = fake()
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true, cooldownMs: 10_000 })
  await rr.connect()
  await microtasks()
  connector.last().lost(reset)
  expect(rr.providers[1]).toMatchObject({ state: 'cooling', lastError: reset })
})

test('failover() rejects with an error of the caller’s own, as the same object', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? Promise.reject(ownLimit) : undefined) })
  const rr = new RoundRobin(['a', 'b', 'c'], connector)
  await rr.connect()
  expect(await rejection(rr.failover())).toBe(ownLimit)
  expect(connector.dials).toEqual(['a', 'b'])
  expect(rr.current).toBe('a')
})

test('failover() tells how long its dial took', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(70) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector)
  const durations: number[] = []
  rr.on('connect', ({ durationMs }) => durations.push(durationMs))
  rr.on('failover', ({ durationMs }) => durations.push(durationMs))
  await rr.connect()
  await Promise.all([rr.failover(), pass(80)])
  expect(durations).toEqual([0, 70, 70])
})

test('failover() to a standby that has long been up takes no time', async () => {
  const rr = new RoundRobin(['a', 'b'], fake(), { standby: true })
  const durations: number[] = []
  rr.on('failover', ({ durationMs }) => durations.push(durationMs))
  await rr.connect()
  await pass(5000)
  await rr.failover()
  expect(durations).toEqual([0])
})

test('a standby whose dial is under way when the current service is lost becomes current, though nobody waits', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(50) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
  await rr.connect()
  await pass(10)
  connector.last().lost(reset)
  await pass(50)
  expect(rr.current).toBe('b')
})

test('setSources: a standby’s dial to another than the first is given up where the current one is removed', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(50) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
  await rr.connect()
  await pass(10)
  rr.setSources(['c', 'b'])
  expect(await rr.run(at)).toBe('c')
})

test('setSources: a standby’s dial to the first of the list is used', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(50) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
  await rr.connect()
  await pass(10)
  rr.setSources(['b', 'c'])
  const [first] = await Promise.all([rr.run(at), pass(50)])
  expect(first).toBe('b')
  expect(connector.dials.filter((dialled) => dialled === 'b').length).toBe(1)
})

test('the dial of a hedge is given up at once when the first dial wins', async () => {
  const signals: AbortSignal[] = []
  const connector = fake({
    connect: (_, { signal }) => {
      signals.push(signal)
      return slowly(150)
    },
  })
  const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
  await Promise.all([rr.connect(), pass(152)])
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
})

test('failback goes on step by step, to the first', async () => {
  const down = new Set(['a', 'b'])
  const connector = fake({ connect: (source) => (down.has(source) ? Promise.reject(refused) : undefined) })
  const failback = { afterMs: 100, intervalMs: 20 }
  const rr = new RoundRobin(['a', 'b', 'c'], connector, { failback })
  const moves: string[] = []
  rr.on('failover', ({ to, reason }) => moves.push(`${to} ${reason}`))
  await rr.connect()
  down.delete('b')
  await pass(200)
  down.delete('a')
  await pass(200)
  expect(moves).toEqual(['b failback', 'a failback'])
})

test('failback counts from when the provider was up, not from when it was dialled', async () => {
  let isDown = true
  const connector = fake({
    connect: (source) => (source === 'a' ? (isDown ? Promise.reject(refused) : slowly(300)) : undefined),
  })
  const rr = new RoundRobin(['a', 'b'], connector, { failback: { afterMs: 400, intervalMs: 50 } })
  await rr.connect()
  isDown = false
  await pass(50 + 300 + 380)
  expect(rr.current).toBe('b')
  await pass(100)
  expect(rr.current).toBe('a')
})

test('a spare that lasted for long is looked for again as soon as the first time', async () => {
  const connector = fake()
  const backoff = { initialMs: 100, maxMs: 1000 }
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true, backoff })
  await rr.connect()
  for (const livesMs of [10, 10, 10, 10, 2000]) {
    await pass(livesMs)
    connector.last().lost(reset)
    // Half of 100, 200, 400, 800; then 100 again, since it lasted longer than the longest rest.
    if (livesMs === 10) await pass(600)
  }
  await pass(40)
  expect(states(rr)).toEqual(['current', 'idle'])
  await pass(15)
  expect(states(rr)).toEqual(['current', 'spare'])
})

test('G7 close while standby rests leaves no timer', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? Promise.reject(refused) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { standby: true, backoff: { initialMs: 5000 } })
  await rr.connect()
  await pass(5)
  expect(vi.getTimerCount()).toBe(1)
  await rr.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('G7 failover() while everything is closed rejects, and so does its wait', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(50) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector)
  await rr.connect()
  const moving = rejection(rr.failover())
  await pass(10)
  await rr.close()
  expect(await moving).toMatchObject({ code: 'TOURNIQUET_CLOSED' })
  await pass(100)
  expect(connector.disconnects.sort()).toEqual(['a', 'b'])
})

test('G3 failover() moves from the service that was current when it was called, and from no other', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? slowly(50) : undefined) })
  const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, hedgeMs: 10 })
  const moves: string[] = []
  rr.on('failover', ({ from, to, reason }) => moves.push(`${from} > ${to} (${reason})`))
  await rr.connect()
  const moving = rr.failover()
  await pass(5)
  connector.last().lost(reset)
  const [first] = await Promise.all([rr.run(at), moving, pass(100)])
  expect(first).toBe('c')
  expect(states(rr)).toEqual(['idle', 'spare', 'current'])
  expect(moves).toEqual(['a > c (lost)'])
})

test('a hedge that is given up is no failure of its provider, and the judge is not asked', async () => {
  const asked: unknown[] = []
  const connector = fake({ connect: () => slowly(50), judge: (error) => void asked.push(error) })
  const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 10 })
  const fails: unknown[] = []
  rr.on('fail', (event) => fails.push(event))
  await Promise.all([rr.connect(), pass(100)])
  expect(connector.dials).toEqual(['a', 'b'])
  expect([...asked, ...fails]).toEqual([])
  expect(states(rr)).toEqual(['current', 'idle'])
})

test('a dial that was handed over, and fails, is told of once and counts once', async () => {
  const connector = fake({
    connect: (source) => (source === 'b' ? slowly(50).then(() => Promise.reject(refused)) : undefined),
  })
  const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, cooldownMs: 10_000 })
  const fails: unknown[] = []
  rr.on('fail', ({ provider, phase }) => fails.push([provider, phase]))
  await rr.connect()
  await pass(10)
  connector.last().lost(reset)
  const [first] = await Promise.all([rr.run(at), pass(60)])
  expect(first).toBe('c')
  expect(fails).toEqual([
    ['a', 'lost'],
    ['b', 'connect'],
  ])
})

test('setSources: a spare that failback does not want in the new order goes', async () => {
  let isDown = true
  const connector = fake({ connect: (source) => (source === 'a' && isDown ? Promise.reject(refused) : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector, { cooldownMs: 0, failback: { afterMs: 1000, intervalMs: 20 } })
  await rr.connect()
  isDown = false
  await pass(100)
  expect(states(rr)).toEqual(['spare', 'current'])
  rr.setSources(['b', 'a'])
  expect(states(rr)).toEqual(['current', 'idle'])
  await pass(2000)
  expect(connector.disconnects).toEqual(['a'])
})
