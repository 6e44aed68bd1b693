import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { ClosedError, ExhaustedError, OutcomeUnknownError, RoundRobin } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const refused = failure('ECONNREFUSED')
const reset = failure('ECONNRESET')
const at = ({ source }: { source: string }) => source

describe('a run', () => {
  test('G1 stays with one provider while it is up', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    expect(rr.current).toBeUndefined()
    for (let run = 0; run < 5; run++) expect(await rr.run(at)).toBe('a')
    expect(connector.dials).toEqual(['a'])
    expect(rr.current).toBe('a')
    expect(rr.providers).toEqual([
      { provider: 'a', state: 'current' },
      { provider: 'b', state: 'idle' },
    ])
  })

  test('is told its source, provider and attempt, and calls fn before it returns once connected', async () => {
    const rr = new RoundRobin(['a', 'b'], fake())
    const told: object[] = []
    await rr.run((_, { signal, ...context }) => {
      expect(signal.aborted).toBe(false)
      told.push(context)
      if (context.attempt === 1) throw refused
    })
    let called = false
    void rr.run((_, { signal: _signal, ...context }) => {
      called = true
      told.push(context)
    })
    expect(called).toBe(true)
    expect(told).toEqual([
      { source: 'a', provider: 'a', attempt: 1 },
      { source: 'b', provider: 'b', attempt: 2 },
      { source: 'b', provider: 'b', attempt: 1 },
    ])
  })

  test('calls its functions in the order of the calls, waiting or not', async () => {
    const rr = new RoundRobin(['a'], fake())
    const order: number[] = []
    const runs = [1, 2, 3].map((n) => rr.run(() => order.push(n)))
    await Promise.all(runs)
    const more = [4, 5, 6].map((n) => rr.run(() => order.push(n)))
    expect(order).toEqual([1, 2, 3, 4, 5, 6])
    await Promise.all(more)
  })

  test.each<[string, () => unknown]>([
    ['a value', () => 7],
    ['a promise', async () => 7],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    ['a thenable', () => ({ then: (resolve: (value: number) => void) => resolve(7) })],
  ])('resolves to what fn returns, be it %s', async (_, fn) => {
    const rr = new RoundRobin(['a'], fake())
    expect(await rr.run(fn)).toBe(7)
    expect(await rr.run(fn)).toBe(7)
    expect(await rr.run(fn, { deadlineMs: 50 })).toBe(7)
  })

  test("G4 the caller's error is the same object, thrown or rejected, and the provider stays", async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    const own = failure('NotFound')
    const throwing = () => {
      throw own
    }
    for (const fn of [throwing, () => Promise.reject(own)]) {
      for (const options of [undefined, { idempotent: true }, { deadlineMs: 50 }]) {
        expect(await rejection(rr.run(fn, options))).toBe(own)
      }
    }
    expect(connector.dials).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('G6 what may have been applied is not sent again, unless idempotent', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    let calls = 0
    const fn = ({ source }: { source: string }) => {
      calls++
      return source === 'a' ? Promise.reject(reset) : source
    }
    const error = await rejection<OutcomeUnknownError>(rr.run(fn))
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(error).toMatchObject({ outcome: 'unknown', provider: 'a', cause: reset })
    expect(error.message).toBe(
      'a failed (ECONNRESET) and may have applied the operation; it is not idempotent, so it was not sent again',
    )
    expect(calls).toBe(1)
    expect(await rr.run(at)).toBe('b')
    expect(await rr.failover()).toBe('a')
    expect(await rr.run(fn, { idempotent: true })).toBe('b')
    expect(calls).toBe(3)
  })

  test('G6 idempotent may be the default, and a run may say otherwise', async () => {
    const rr = new RoundRobin(['a', 'b'], fake(), { idempotent: true })
    const fn = ({ source }: { source: string }) => (source === 'a' ? Promise.reject(reset) : source)
    expect(await rr.run(fn)).toBe('b')
    await rr.failover()
    expect(await rejection(rr.run(fn, { idempotent: false }))).toBeInstanceOf(OutcomeUnknownError)
  })

  test('G6 an error says that the outcome is unknown once any attempt of the run was unsure', async () => {
    const rr = new RoundRobin(['a', 'b'], fake(), { idempotent: true, maxAttempts: 2 })
    const fn = ({ source }: { source: string }) => Promise.reject(source === 'a' ? reset : refused)
    const error = await rejection<ExhaustedError>(rr.run(fn))
    expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'unknown' })
    const certain = rejection<ExhaustedError>(rr.run(() => Promise.reject(refused)))
    await vi.advanceTimersByTimeAsync(1000)
    expect((await certain).outcome).toBe('not-applied')
  })

  test('G8 exhaustion names each attempt, and the next run tries again', async () => {
    const up = new Set<string>()
    const connector = fake({ connect: (source) => (up.has(source) ? undefined : Promise.reject(refused)) })
    const rr = new RoundRobin(['a', 'b'], connector, { maxAttempts: 2, backoff: { initialMs: 100 } })
    const error = await rejection<ExhaustedError>(rr.run(at))
    expect(error.attempts).toMatchObject([
      { provider: 'a', error: refused, durationMs: 0 },
      { provider: 'b', error: refused, durationMs: 0 },
    ])
    expect(error.attempts.map((attempt) => attempt.source)).toEqual(['a', 'b'])
    expect(Object.keys(error.attempts[0] ?? {})).not.toContain('source')
    expect(rr.providers).toMatchObject([{ lastError: refused }, { lastError: refused }])
    up.add('b')
    const run = rr.run(at)
    await vi.advanceTimersByTimeAsync(100)
    expect(await run).toBe('b')
    expect(connector.dials).toEqual(['a', 'b', 'a', 'b'])
    expect(rr.providers[1]).toEqual({ provider: 'b', state: 'current' })
  })

  test('maxAttempts is the number of sources + 1, read live; a run may say otherwise', async () => {
    const connector = fake({ connect: () => Promise.reject(refused) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const attempts = async (run: Promise<unknown>) => {
      const ending = rejection<ExhaustedError>(run)
      await vi.advanceTimersByTimeAsync(60_000)
      return (await ending).attempts.length
    }
    expect(await attempts(rr.run(at))).toBe(3)
    expect(await attempts(rr.run(at, { maxAttempts: 1 }))).toBe(1)
    expect(await attempts(rr.run(at, { maxAttempts: 7 }))).toBe(7)
    const waiting = rr.run(at)
    rr.setSources(['a', 'b', 'c', 'd'])
    expect(await attempts(waiting)).toBe(5)
  })
})

describe('rounds and backoff', () => {
  test('G8 after a whole round the next dial waits, at random up to min(maxMs, initialMs * 2^(k-1))', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999999)
    const connector = fake({ connect: () => Promise.reject(refused) })
    const rr = new RoundRobin(['a', 'b'], connector, { maxAttempts: 12, backoff: { initialMs: 100, maxMs: 350 } })
    const ending = rejection(rr.run(at))
    for (const [waitMs, dials] of [
      [0, 2],
      [98, 2],
      [3, 4],
      [197, 4],
      [3, 6],
      [345, 6],
      [5, 8],
      [345, 8],
      [5, 10],
    ] as const) {
      await vi.advanceTimersByTimeAsync(waitMs)
      expect(connector.dials.length).toBe(dials)
    }
    await vi.advanceTimersByTimeAsync(1000)
    expect(await ending).toBeInstanceOf(ExhaustedError)
    vi.restoreAllMocks()
  })

  test('all who wait share one wait and one dial, new runs join it, and each counts the failure as its own', async () => {
    const connector = fake({ connect: () => new Promise((_, reject) => setTimeout(reject, 10, refused)) })
    const rr = new RoundRobin(['a', 'b'], connector, { backoff: { initialMs: 100 } })
    const endings = [rejection<ExhaustedError>(rr.run(at)), rejection<ExhaustedError>(rr.run(at, { maxAttempts: 1 }))]
    await vi.advanceTimersByTimeAsync(5)
    endings.push(rejection<ExhaustedError>(rr.run(at)))
    await vi.advanceTimersByTimeAsync(16)
    endings.push(rejection<ExhaustedError>(rr.run(at, { maxAttempts: 1 })))
    await vi.advanceTimersByTimeAsync(500)
    const attempts = (await Promise.all(endings)).map((error) =>
      error.attempts.map(({ provider }) => provider).join(''),
    )
    expect(attempts).toEqual(['aba', 'a', 'aba', 'a'])
    expect(connector.dials).toEqual(['a', 'b', 'a'])
  })

  test('G5 providers that connect but refuse never spin: the loop gets its turn, and the deadline holds', async () => {
    vi.useRealTimers()
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { maxAttempts: Number.POSITIVE_INFINITY })
    let turns = 0
    let ticking = setImmediate(function tick() {
      turns++
      ticking = setImmediate(tick)
    })
    const startedAt = performance.now()
    const error = await rejection<ExhaustedError>(rr.run(() => Promise.reject(refused), { deadlineMs: 200 }))
    clearImmediate(ticking)
    expect(error).toMatchObject({ code: 'TOURNIQUET_TIMEOUT', limit: 'deadlineMs', outcome: 'not-applied' })
    expect(performance.now() - startedAt).toBeLessThan(3 * 200 + 3_000)
    expect(turns).toBeGreaterThan(10)
    await rr.close()
  })

  test('a backoff that is off still gives the loop a turn', async () => {
    vi.useRealTimers()
    const never = Number.POSITIVE_INFINITY
    const rr = new RoundRobin(['a'], fake(), { maxAttempts: never, backoff: { initialMs: never } })
    const error = await rejection(rr.run(() => Promise.reject(refused), { deadlineMs: 50 }))
    expect(error.code).toBe('TOURNIQUET_TIMEOUT')
    await rr.close()
  })

  test('a service that is lost before anyone could use it is a failed attempt', async () => {
    const connector = fake({
      connect: (_, { lost }) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => lost(reset)))),
    })
    const rr = new RoundRobin(['a', 'b'], connector)
    const ending = rejection<ExhaustedError>(rr.run(at))
    await vi.advanceTimersByTimeAsync(60_000)
    const error = await ending
    expect(error.code === 'TOURNIQUET_EXHAUSTED' || error.code === 'TOURNIQUET_OUTCOME_UNKNOWN').toBe(true)
  })

  test('a run that succeeds resets the rounds', async () => {
    let fail = true
    const connector = fake({ connect: () => (fail ? Promise.reject(refused) : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector, { maxAttempts: 6, backoff: { initialMs: 1000 } })
    vi.spyOn(Math, 'random').mockReturnValue(0.999999)
    const first = rr.run(at)
    await vi.advanceTimersByTimeAsync(1500)
    fail = false
    await vi.advanceTimersByTimeAsync(2000)
    expect(await first).toBe('a')
    fail = true
    connector.last().lost(reset)
    const second = rr.run(at)
    await vi.advanceTimersByTimeAsync(900)
    fail = false
    const before = connector.dials.length
    await vi.advanceTimersByTimeAsync(150)
    expect(connector.dials.length).toBe(before + 1)
    expect(await second).toBe('b')
    vi.restoreAllMocks()
  })
})

describe('the ring', () => {
  test('G14 after provider i comes i+1, and round', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    for (const next of ['a', 'b', 'c', 'a', 'b']) {
      expect(await rr.run(at)).toBe(next)
      connector.last().lost(reset)
    }
  })

  test('G12 a provider that failed is not dialled again while it cools, unless all are cooling', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { cooldownMs: 1000 })
    await rr.run(at)
    connector.last().lost(reset)
    await vi.advanceTimersByTimeAsync(100)
    expect(await rr.run(at)).toBe('b')
    expect(rr.providers).toMatchObject([{ state: 'cooling' }, { state: 'current' }])
    rr.setSources(['a', 'b', 'c'])
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('c')
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('a')
    expect(connector.dials).toEqual(['a', 'b', 'c', 'a'])
    await vi.advanceTimersByTimeAsync(1001)
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('b')
    await rr.close()
  })
})

describe('a service that dies', () => {
  test('G10 idle: no failed run, no event error, one disconnect', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    const moves: object[] = []
    rr.on('failover', ({ durationMs: _, ...move }) => moves.push(move))
    await rr.run(at)
    connector.last().lost(reset)
    connector.last().lost(reset)
    await microtasks()
    expect(rr.current).toBeUndefined()
    expect(connector.dials).toEqual(['a'])
    expect(await rr.run(at)).toBe('b')
    expect(connector.disconnects).toEqual(['a'])
    expect(moves).toEqual([{ provider: 'b', from: 'a', to: 'b', reason: 'lost', error: reset }])
  })

  test('lost without an error says so itself', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    await rr.run(at)
    connector.last().lost()
    expect(String(rr.providers[0]?.lastError)).toMatch(/said that this service is lost/)
  })

  test('G5 what is in flight is settled by its disconnect, and is unsure whatever it says', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    const hanging = rejection<OutcomeUnknownError>(rr.run((service) => service.hang()))
    const again = rr.run((service) => (service.source === 'a' ? service.hang() : service.source), { idempotent: true })
    const own = rejection(rr.run((service) => service.hang().catch(() => Promise.reject(failure('NotFound')))))
    await microtasks()
    connector.last().lost(reset)
    expect(await hanging).toMatchObject({ code: 'TOURNIQUET_OUTCOME_UNKNOWN', cause: { code: 'ECONNABORTED' } })
    expect(await again).toBe('b')
    expect(await own).toMatchObject({ code: 'TOURNIQUET_OUTCOME_UNKNOWN', cause: { code: 'NotFound' } })
    expect(connector.disconnects).toEqual(['a'])
  })

  test("what rejects after the disconnect is 'next' where the connector's judge says so", async () => {
    const connector = fake({ judge: () => 'next' })
    const rr = new RoundRobin(['a', 'b'], connector)
    const run = rr.run((service) => (service.source === 'a' ? service.hang() : service.source))
    await microtasks()
    connector.last().lost(reset)
    expect(await run).toBe('b')
  })

  test('context.signal aborts when the service is about to be disconnected', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    let signal: AbortSignal | undefined
    const run = rejection(
      rr.run((service, context) => {
        signal = context.signal
        return service.hang()
      }),
    )
    await microtasks()
    connector.last().lost(reset)
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'TOURNIQUET', message: 'a is about to be disconnected', cause: reset })
    await run
  })

  test("G6 what rejects with that signal's reason may have been applied, whatever the provider was left for", async () => {
    const connector = fake({ judge: (error) => (error === refused ? 'next' : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 0 })
    let calls = 0
    const heeding = rejection(
      rr.run((_, { signal }) => {
        calls++
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }),
    )
    await microtasks()
    await rr.run(({ source }) => (source === 'a' ? Promise.reject(refused) : source))
    expect(await heeding).toBeInstanceOf(OutcomeUnknownError)
    expect(calls).toBe(1)
  })

  test('G3 a late failure from a former connection moves nothing', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    let fail = (_: unknown) => {}
    const late = rejection(rr.run(() => new Promise((_, reject) => (fail = reject))))
    await microtasks()
    await rr.run(({ source }) => (source === 'a' ? Promise.reject(refused) : source))
    expect(rr.current).toBe('b')
    fail(reset)
    expect(await late).toBeInstanceOf(OutcomeUnknownError)
    connector.services[0]?.lost(reset)
    expect(rr.current).toBe('b')
    expect(connector.dials).toEqual(['a', 'b'])
    expect(connector.disconnects).toEqual(['a'])
  })

  test('lost before connect resolved: that connect failed, and what opens late is disconnected', async () => {
    const connector = fake({
      connect: (source, { lost }) => {
        if (source === 'a') lost(reset)
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector)
    expect(await rr.run(at)).toBe('b')
    expect(connector.disconnects).toEqual(['a'])
    expect(rr.providers[0]?.lastError).toBe(reset)
  })
})

describe('a provider that turns read-only without dropping a connection', () => {
  const readOnly = failure('READONLY')
  const setUp = (options: object = {}) => {
    const demoted = new Set<string>()
    const connector = fake({
      // It asks the server: the refusal may be of the caller's own making (BEGIN READ ONLY).
      judge: async (error) => {
        if (error !== readOnly) return undefined
        return demoted.has(connector.last().source) ? 'next' : 'caller'
      },
      probe: ({ source }) => (demoted.has(source) ? Promise.reject(readOnly) : undefined),
    })
    const rr = new RoundRobin(['a', 'b'], connector, options)
    return { demoted, connector, rr }
  }

  test('G11 is left on the first refused write, by all', async () => {
    const { demoted, connector, rr } = setUp()
    const write = ({ source }: { source: string }) => (demoted.has(source) ? Promise.reject(readOnly) : source)
    expect(await rr.run(write)).toBe('a')
    demoted.add('a')
    expect(await Promise.all([rr.run(write), rr.run(write), rr.run(write)])).toEqual(['b', 'b', 'b'])
    expect(connector.dials).toEqual(['a', 'b'])
    expect(connector.disconnects).toEqual(['a'])
  })

  test('G11 is left on a failed role probe', async () => {
    const { demoted, rr } = setUp({ heartbeatMs: 100 })
    await rr.connect()
    demoted.add('a')
    await vi.advanceTimersByTimeAsync(110)
    expect(rr.current).toBeUndefined()
    expect(await rr.connect()).toBe('b')
    await rr.close()
  })

  test("G11 a refusal of the caller's own making moves nothing", async () => {
    const { rr } = setUp()
    expect(await rejection(rr.run(() => Promise.reject(readOnly)))).toBe(readOnly)
    expect(rr.current).toBe('a')
  })
})

describe('draining', () => {
  test('G13 what is in flight on a provider that a verdict left may finish there', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 1000 })
    let finish = (_: string) => {}
    const slow = rr.run(() => new Promise<string>((resolve) => (finish = resolve)))
    await microtasks()
    expect(await rr.run(({ source }) => (source === 'a' ? Promise.reject(refused) : source))).toBe('b')
    await vi.advanceTimersByTimeAsync(900)
    expect(connector.disconnects).toEqual([])
    finish('done on a')
    expect(await slow).toBe('done on a')
    await microtasks()
    expect(connector.disconnects).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('G5 G7 it is disconnected after drainMs, once, and what was pending settles', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 1000 })
    const slow = rejection(rr.run((service) => service.hang()))
    await microtasks()
    await rr.run(({ source }) => (source === 'a' ? Promise.reject(refused) : source))
    await vi.advanceTimersByTimeAsync(1001)
    expect(await slow).toBeInstanceOf(OutcomeUnknownError)
    expect(connector.disconnects).toEqual(['a'])
    await rr.close()
    expect(connector.disconnects).toEqual(['a', 'b'])
  })

  test('drainMs 0 disconnects at once', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 0 })
    const slow = rejection(rr.run((service) => service.hang()))
    await microtasks()
    await rr.run(({ source }) => (source === 'a' ? Promise.reject(refused) : source))
    expect(connector.disconnects).toEqual(['a'])
    await slow
  })

  test('a disconnect that hangs is abandoned after drainMs, at least 1 s; one that throws goes to an event', async () => {
    const connector = fake({
      disconnect: ({ source }) => (source === 'a' ? new Promise(() => {}) : Promise.reject(reset)),
    })
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 10 })
    const seen: unknown[] = []
    rr.on('disconnect', ({ provider, error }) => seen.push([provider, error]))
    await rr.run(at)
    connector.last().lost(reset)
    await rr.run(at)
    const closing = rr.close()
    await vi.advanceTimersByTimeAsync(999)
    expect(seen).toEqual([['b', reset]])
    await vi.advanceTimersByTimeAsync(2)
    await closing
    expect(seen[1]).toMatchObject(['a', { code: 'TOURNIQUET_TIMEOUT', limit: 'drainMs' }])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('connect', () => {
  test('warms up, once', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    expect(await Promise.all([rr.connect(), rr.connect()])).toEqual(['a', 'a'])
    expect(await rr.connect()).toBe('a')
    expect(connector.dials).toEqual(['a'])
  })

  test('rejects as a run does', async () => {
    const rr = new RoundRobin(['a'], fake({ connect: () => Promise.reject(refused) }))
    expect(await rejection(rr.connect({ maxAttempts: 1 }))).toBeInstanceOf(ExhaustedError)
    await rr.close()
    expect(await rejection(rr.connect())).toBeInstanceOf(ClosedError)
  })
})
