import { describe, expect, test } from 'vitest'
import { type FakeService, failure, fake, microtasks, rejection } from '../test/fake.ts'
import { ClosedError, OutcomeUnknownError, RoundRobin, type RunOptions } from './index.ts'

// The caller's code runs in the middle of ours: in connect, disconnect, judge, probe and listeners. Whatever it calls
// there must find the state as it will be.

const refused = failure('ECONNREFUSED')
const at = ({ source }: { source: string }) => source
const forever = () => new Promise<never>(() => {})

describe('called within connect', () => {
  test('close: nothing becomes current, and what opened is disconnected', async () => {
    const connector = fake({ connect: () => void rr.close() })
    const rr: RoundRobin<string, FakeService> = new RoundRobin(['a', 'b'], connector)
    expect(await rejection(rr.connect())).toBeInstanceOf(ClosedError)
    await rr.close()
    await microtasks()
    expect(rr.current).toBeUndefined()
    expect(connector.disconnects).toEqual(['a'])
  })

  test('run and failover: G2 still one dial', async () => {
    const inner: Promise<unknown>[] = []
    const connector = fake({ connect: () => void inner.push(rr.run(at), rr.failover()) })
    const rr: RoundRobin<string, FakeService> = new RoundRobin(['a', 'b'], connector)
    expect(await rr.connect()).toBe('a')
    expect(await Promise.all(inner)).toEqual(['a', 'a'])
    expect(connector.dials).toEqual(['a'])
  })

  test('setSources: what was removed never becomes current', async () => {
    const connector = fake({ connect: (source) => void (source === 'a' && rr.setSources(['b'])) })
    const rr: RoundRobin<string, FakeService> = new RoundRobin(['a', 'b'], connector)
    expect(await rr.connect()).toBe('b')
    await microtasks()
    expect(connector.disconnects).toEqual(['a'])
  })

  test('lost, by a connector that then never settles: that connect failed', async () => {
    const hang = (source: string, lost: (error: unknown) => void) => {
      if (source === 'b') return
      lost(refused)
      return forever()
    }
    const connector = fake({ connect: (source, { lost }) => hang(source, lost) })
    const rr = new RoundRobin(['a', 'b'], connector, { connectTimeoutMs: Number.POSITIVE_INFINITY })
    expect(await rr.run(at)).toBe('b')
  })
})

describe('called within a probe', () => {
  test('lost, by a probe that then never settles: whoever waits for it is told', async () => {
    const probe = ({ lost }: FakeService) => {
      lost(refused)
      return forever()
    }
    const connector = fake({ judge: () => 'suspect', probe })
    const rr = new RoundRobin(['a', 'b'], connector, { probeTimeoutMs: Number.POSITIVE_INFINITY })
    expect(await rejection(rr.run(() => Promise.reject(refused)))).toBeInstanceOf(OutcomeUnknownError)
  })
})

describe('called within a listener', () => {
  test('connect in fail: G12 G14 the next provider is dialled, not the one that failed', async () => {
    const connector = fake({ connect: (source) => (source === 'a' ? Promise.reject(refused) : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector)
    rr.on('fail', () => rr.connect())
    expect(await rr.run(at)).toBe('b')
    connector.last().lost(refused)
    await microtasks()
    expect(connector.dials).toEqual(['a', 'b', 'a', 'b'])
  })

  test('lost in fail: later calls are ignored', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    let fails = 0
    rr.on('fail', () => {
      fails++
      connector.last().lost(refused)
    })
    await rr.connect()
    connector.last().lost(refused)
    expect(fails).toBe(1)
  })

  test('an abort in fail: fn is not called again', async () => {
    const rr = new RoundRobin(['a', 'b'], fake())
    const controller = new AbortController()
    rr.on('fail', () => controller.abort('enough'))
    let calls = 0
    const run = rr.run(() => Promise.reject(calls++ ? new Error('again') : refused), { signal: controller.signal })
    expect(await rejection(run)).toBe('enough')
    expect(calls).toBe(1)
  })
})

test('close called within disconnect is the same promise, and closes once', async () => {
  const inner: unknown[] = []
  const connector = fake({ disconnect: () => void inner.push(rr.close()) })
  const rr: RoundRobin<string, FakeService> = new RoundRobin(['a'], connector)
  let closes = 0
  rr.on('close', () => closes++)
  await rr.connect()
  const closing = rr.close()
  await closing
  expect(inner).toEqual([closing])
  expect(inner[0]).toBe(closing)
  expect(closes).toBe(1)
})

test('a service that is lost as it opens fails once', async () => {
  for (let turns = 0; turns < 8; turns++) {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    const phases: string[] = []
    rr.on('fail', ({ provider, phase }) => provider === 'a' && phases.push(phase))
    const run = rr.connect()
    while (connector.services.length === 0) await Promise.resolve()
    await microtasks(turns)
    connector.last().lost(refused)
    await run
    expect(phases.length).toBe(1)
  }
})

test('options that change during a run hold as they were when it was called', async () => {
  const rr = new RoundRobin(['a', 'b'], fake())
  await rr.connect()
  const options: { -readonly [Name in keyof RunOptions]: RunOptions[Name] } = { idempotent: false }
  let calls = 0
  const run = rejection(rr.run(() => Promise.reject(failure(calls++ ? 'again' : 'ECONNRESET')), options))
  options.idempotent = true
  options.maxAttempts = -1
  expect(await run).toBeInstanceOf(OutcomeUnknownError)
  expect(calls).toBe(1)
})

test('a context that one run writes to is not what the next one reads', async () => {
  const rr = new RoundRobin(['a'], fake())
  await rr.connect()
  await rejection(rr.run((_, context) => Object.assign(context, { attempt: 99 })))
  expect(await rr.run((_, { attempt }) => attempt)).toBe(1)
})

test('an error can be printed as JSON, whatever it went through', async () => {
  const rr = new RoundRobin(['a', 'b'], fake(), { attemptTimeoutMs: 5, drainMs: 0 })
  const error = await rejection(rr.run(forever))
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    code: 'TOURNIQUET_OUTCOME_UNKNOWN',
    attempts: [{ provider: 'a' }],
  })
  await rr.close()
})

test('an error that throws when it is looked at is still an error', async () => {
  const hostile = Object.defineProperty(new Error('x'), 'code', {
    get() {
      throw new Error('hands off')
    },
  })
  for (const judge of [undefined, async () => undefined]) {
    const rr = new RoundRobin(['a', 'b'], fake(judge && { judge }))
    expect(await rejection(rr.run(() => Promise.reject(hostile)))).toBe(hostile)
    expect(await rr.run(at)).toBe('a')
  }
})
