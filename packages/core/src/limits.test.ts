import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { OutcomeUnknownError, RoundRobin, TimeoutError } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const refused = failure('ECONNREFUSED')
const forever = () => new Promise<never>(() => {})

describe('connectTimeoutMs', () => {
  test('G5 limits a dial, aborts its signal, and the next provider is dialled', async () => {
    let aborted: AbortSignal | undefined
    const connector = fake({
      connect: (source, { signal }) => {
        if (source === 'b') return
        aborted = signal
        return forever()
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector, { connectTimeoutMs: 100 })
    const run = rr.run(({ source }) => source)
    await vi.advanceTimersByTimeAsync(101)
    expect(await run).toBe('b')
    expect(aborted?.reason).toMatchObject({ code: 'TOURNIQUET_TIMEOUT', limit: 'connectTimeoutMs', provider: 'a' })
    expect(String(rr.providers[0]?.lastError)).toBe(
      'TimeoutError: a took longer than 100 ms to connect (connectTimeoutMs)',
    )
  })

  test('G7 a connector that ignores its signal: what opens too late is disconnected', async () => {
    const connector = fake({
      connect: (source) => (source === 'a' ? new Promise((open) => setTimeout(open, 300)) : undefined),
    })
    const rr = new RoundRobin(['a', 'b'], connector, { connectTimeoutMs: 100 })
    const run = rr.run(({ source }) => source)
    await vi.advanceTimersByTimeAsync(301)
    expect(await run).toBe('b')
    expect(connector.disconnects).toEqual(['a'])
    expect(rr.current).toBe('b')
  })

  test('the signal never aborts once connect resolved', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    await rr.connect()
    connector.last().lost(refused)
    await rr.close()
    expect(connector.services[0]?.signal.aborted).toBe(false)
  })
})

describe('deadlineMs', () => {
  test('G5 ends a run that waits for a connect; the dial goes on, and what it opens becomes current', async () => {
    const connector = fake({ connect: () => new Promise((open) => setTimeout(open, 200)) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const ending = rejection<TimeoutError>(rr.run(() => 1, { deadlineMs: 100 }))
    await vi.advanceTimersByTimeAsync(101)
    expect(await ending).toMatchObject({ limit: 'deadlineMs', outcome: 'not-applied', attempts: [] })
    await vi.advanceTimersByTimeAsync(100)
    expect(rr.current).toBe('a')
    expect(connector.dials).toEqual(['a'])
  })

  test('G5 ends a run in backoff, and never changes maxAttempts', async () => {
    const connector = fake({ connect: () => Promise.reject(refused) })
    vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const rr = new RoundRobin(['a'], connector, { backoff: { initialMs: 1000 }, maxAttempts: Number.POSITIVE_INFINITY })
    const ending = rejection<TimeoutError>(rr.run(() => 1, { deadlineMs: 100 }))
    await vi.advanceTimersByTimeAsync(101)
    const error = await ending
    expect(error).toMatchObject({ code: 'TOURNIQUET_TIMEOUT', outcome: 'not-applied', attempts: [{ error: refused }] })
    await vi.advanceTimersByTimeAsync(2000)
    expect(connector.dials).toEqual(['a'])
    vi.restoreAllMocks()
  })

  test('G5 ends a run whose operation hangs: at once, in doubt, and the provider is checked in the background', async () => {
    let probes = 0
    const connector = fake({ probe: () => void probes++ })
    const rr = new RoundRobin(['a', 'b'], connector)
    let signal: AbortSignal | undefined
    const run = rr.run(
      (service, context) => {
        signal = context.signal
        return service.hang()
      },
      { deadlineMs: 100, idempotent: true },
    )
    const ending = rejection<TimeoutError>(run)
    await vi.advanceTimersByTimeAsync(101)
    expect(await ending).toMatchObject({ limit: 'deadlineMs', outcome: 'unknown' })
    expect(signal?.reason).toBe(await ending)
    expect(probes).toBe(1)
    expect(rr.current).toBe('a')
  })

  test('a provider that fails that check is left', async () => {
    const connector = fake({ probe: () => Promise.reject(refused) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const moves: string[] = []
    rr.on('failover', ({ reason }) => moves.push(reason))
    const ending = rejection(rr.run((service) => service.hang(), { deadlineMs: 100 }))
    await vi.advanceTimersByTimeAsync(101)
    await ending
    expect(await rr.connect()).toBe('b')
    expect(moves).toEqual(['timeout'])
    expect(connector.disconnects).toEqual(['a'])
  })

  test('may be the default of the constructor', async () => {
    const rr = new RoundRobin(['a'], fake(), { deadlineMs: 100 })
    const ending = rejection<TimeoutError>(rr.run(forever))
    await vi.advanceTimersByTimeAsync(101)
    expect((await ending).limit).toBe('deadlineMs')
    expect(await rr.run(() => 7)).toBe(7)
  })
})

describe('attemptTimeoutMs', () => {
  const hangOn =
    (bad: string) =>
    ({ source }: { source: string }) =>
      source === bad ? forever() : source

  test('without a probe the attempt is unsure, and the provider is left', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { attemptTimeoutMs: 100, drainMs: 50 })
    const reasons: string[] = []
    rr.on('failover', ({ reason }) => reasons.push(reason))
    const again = rr.run(hangOn('a'), { idempotent: true })
    const once = rejection(rr.run(hangOn('a')))
    await vi.advanceTimersByTimeAsync(101)
    expect(await again).toBe('b')
    expect(await once).toMatchObject({ code: 'TOURNIQUET_OUTCOME_UNKNOWN', cause: { limit: 'attemptTimeoutMs' } })
    expect(reasons).toEqual(['timeout'])
    await vi.advanceTimersByTimeAsync(60)
    expect(connector.disconnects).toEqual(['a'])
  })

  test('a probe that passes: TimeoutError, no rerun, and the provider stays', async () => {
    const connector = fake({ probe: () => {} })
    const rr = new RoundRobin(['a', 'b'], connector, { attemptTimeoutMs: 100, idempotent: true })
    const ending = rejection(rr.run(hangOn('a')))
    await vi.advanceTimersByTimeAsync(101)
    expect(await ending).toMatchObject({
      limit: 'attemptTimeoutMs',
      outcome: 'unknown',
      message: 'an attempt on a took longer than 100 ms (attemptTimeoutMs)',
    })
    expect(rr.current).toBe('a')
  })

  test('G5 a probe that hangs too: left after probeTimeoutMs more', async () => {
    const connector = fake({ probe: forever })
    const rr = new RoundRobin(['a', 'b'], connector, { attemptTimeoutMs: 100, probeTimeoutMs: 30, idempotent: true })
    const run = rr.run(hangOn('a'))
    await vi.advanceTimersByTimeAsync(129)
    expect(connector.dials).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(5)
    expect(await run).toBe('b')
    expect(connector.disconnects).toEqual(['a'])
  })

  test('what settles while the provider is checked stands', async () => {
    const connector = fake({ probe: forever })
    const rr = new RoundRobin(['a', 'b'], connector, { attemptTimeoutMs: 100, probeTimeoutMs: 50 })
    const late = rr.run(() => new Promise((resolve) => setTimeout(resolve, 120, 'late')))
    const own = rejection(rr.run(() => new Promise((_, reject) => setTimeout(reject, 120, failure('NotFound')))))
    await vi.advanceTimersByTimeAsync(121)
    expect(await late).toBe('late')
    expect((await own).code).toBe('NotFound')
    await vi.advanceTimersByTimeAsync(50)
  })

  test('an operation that honours its signal and says no more than that is still judged by the check', async () => {
    const honours = ({ source }: { source: string }, { signal }: { signal: AbortSignal }) =>
      source === 'b'
        ? source
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const rr = new RoundRobin(['a', 'b'], fake({ probe: forever }), {
      attemptTimeoutMs: 100,
      probeTimeoutMs: 30,
      idempotent: true,
    })
    const run = rr.run(honours)
    await vi.advanceTimersByTimeAsync(135)
    expect(await run).toBe('b')
  })

  test('expiries, suspects and the heartbeat share one probe', async () => {
    let probes = 0
    const connector = fake({
      judge: () => 'suspect',
      probe: () => {
        probes++
        return new Promise((well) => setTimeout(well, 20))
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector, { attemptTimeoutMs: 100, heartbeatMs: 101 })
    await rr.connect()
    const endings = [
      rr.run(forever),
      rr.run(forever),
      rr.run(() => new Promise((_, reject) => setTimeout(reject, 105, refused))),
    ]
    const rejections = Promise.all(endings.map((ending) => rejection(ending)))
    await vi.advanceTimersByTimeAsync(125)
    expect((await rejections).map(({ code }) => code)).toEqual([
      'TOURNIQUET_TIMEOUT',
      'TOURNIQUET_TIMEOUT',
      'TOURNIQUET_OUTCOME_UNKNOWN',
    ])
    expect(probes).toBe(1)
    await rr.close({ drainMs: 0 })
  })
})

describe('signal', () => {
  test('rejects with its reason, before any connect if it was aborted already', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a'], connector)
    const reason = new Error('enough')
    expect(await rejection(rr.run(() => 1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(connector.dials).toEqual([])
  })

  test('G5 ends a run that waits, and one in flight; the provider stays', async () => {
    let probes = 0
    const connector = fake({ probe: () => void probes++, connect: () => new Promise((open) => setTimeout(open, 10)) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = rejection(rr.run(() => 1, { signal: controller.signal }))
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    await vi.advanceTimersByTimeAsync(10)
    expect(rr.current).toBe('a')

    const second = new AbortController()
    let inner: AbortSignal | undefined
    const inFlight = rejection(
      rr.run(
        (_, { signal }) => {
          inner = signal
          return forever()
        },
        { signal: second.signal },
      ),
    )
    second.abort(reason)
    expect(await inFlight).toBe(reason)
    expect(inner?.reason).toBe(reason)
    expect(rr.current).toBe('a')
    expect(probes).toBe(0)
    expect(getEventListeners(second.signal, 'abort')).toEqual([])
  })

  test('G7 core adds one listener per signal, shared by its runs, and none is left', async () => {
    const rr = new RoundRobin(['a'], fake())
    await rr.connect()
    const { signal } = new AbortController()
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    let finish = () => {}
    const gate = new Promise<void>((resolve) => (finish = resolve))
    const runs = Array.from({ length: 1000 }, () => rr.run(() => gate, { signal }))
    expect(getEventListeners(signal, 'abort').length).toBe(1)
    finish()
    await Promise.all(runs)
    expect(getEventListeners(signal, 'abort').length).toBe(0)
    vi.useRealTimers()
    await new Promise((turn) => setTimeout(turn, 1))
    vi.useFakeTimers()
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })

  test('an abort between two attempts ends the run before the next', async () => {
    const connector = fake({ connect: (source) => (source === 'b' ? forever() : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector, { connectTimeoutMs: Number.POSITIVE_INFINITY })
    const controller = new AbortController()
    const ending = rejection(rr.run(() => Promise.reject(refused), { signal: controller.signal }))
    await microtasks()
    controller.abort('enough')
    expect(await ending).toBe('enough')
    await rr.close()
  })
})

describe("'suspect'", () => {
  const suspicious = (times: number) => {
    let calls = 0
    return () => (calls++ < times ? Promise.reject(refused) : calls)
  }

  test('a probe that passes: the provider stays, an idempotent run goes again on it, others are unknown', async () => {
    const connector = fake({ judge: (_, phase) => (phase === 'run' ? 'suspect' : undefined), probe: () => {} })
    const rr = new RoundRobin(['a', 'b'], connector)
    const again = rr.run(suspicious(1), { idempotent: true })
    await vi.advanceTimersByTimeAsync(5)
    expect(await again).toBe(2)
    expect(await rejection(rr.run(suspicious(1)))).toBeInstanceOf(OutcomeUnknownError)
    const spent = rejection(rr.run(suspicious(9), { idempotent: true }))
    await vi.advanceTimersByTimeAsync(5)
    expect(await spent).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', attempts: { length: 3 }, outcome: 'unknown' })
    expect(connector.dials).toEqual(['a'])
  })

  test.each<[string, (() => Promise<void>) | undefined]>([
    ['fails', () => Promise.reject(refused)],
    ['is missing', undefined],
  ])('a probe that %s: as unsure', async (_, probe) => {
    const connector = fake({
      judge: (_error, phase) => (phase === 'run' ? 'suspect' : undefined),
      ...(probe && { probe }),
    })
    const rr = new RoundRobin(['a', 'b'], connector)
    expect(await rejection(rr.run(suspicious(1)))).toBeInstanceOf(OutcomeUnknownError)
    expect(await rr.run(suspicious(0))).toBe(1)
    expect(connector.dials).toEqual(['a', 'b'])
  })

  test('G5 never spins, and a deadline ends it while it is probed', async () => {
    const judge = () => 'suspect' as const
    const spinning = new RoundRobin(['a'], fake({ judge, probe: () => {} }), {
      maxAttempts: Number.POSITIVE_INFINITY,
      idempotent: true,
    })
    const ending = rejection(spinning.run(() => Promise.reject(refused), { deadlineMs: 100 }))
    await vi.advanceTimersByTimeAsync(101)
    expect(await ending).toMatchObject({ limit: 'deadlineMs', outcome: 'unknown' })
    const hanging = new RoundRobin(['a'], fake({ judge, probe: forever }), { probeTimeoutMs: 1000 })
    const probed = rejection(hanging.run(() => Promise.reject(refused), { deadlineMs: 100 }))
    await vi.advanceTimersByTimeAsync(101)
    expect(await probed).toMatchObject({ limit: 'deadlineMs', outcome: 'unknown' })
    await vi.advanceTimersByTimeAsync(1000)
  })
})

describe('heartbeatMs', () => {
  test('G9 a frozen provider is left within heartbeatMs + probeTimeoutMs, and what is pending settles', async () => {
    let frozen = false
    const connector = fake({ probe: () => (frozen ? forever() : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector, { heartbeatMs: 100, probeTimeoutMs: 30 })
    await rr.connect()
    await vi.advanceTimersByTimeAsync(1000)
    expect(rr.current).toBe('a')
    const pending = rejection(rr.run((service) => service.hang()))
    frozen = true
    await vi.advanceTimersByTimeAsync(131)
    expect(await pending).toBeInstanceOf(OutcomeUnknownError)
    expect(rr.current).toBeUndefined()
    frozen = false
    expect(await rr.connect()).toBe('b')
    expect(rr.providers[0]?.lastError).toBeInstanceOf(TimeoutError)
    await rr.close()
  })

  test.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw refused
      },
    ],
    ['rejects', () => Promise.reject(refused)],
  ])('a probe that %s leaves the provider; its signal aborts when the service closes', async (_, probe) => {
    const connector = { ...fake(), probe }
    const rr = new RoundRobin(['a', 'b'], connector, { heartbeatMs: 100 })
    await rr.connect()
    await vi.advanceTimersByTimeAsync(101)
    expect(rr.current).toBeUndefined()
    await rr.close()
  })
})
