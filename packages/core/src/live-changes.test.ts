import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { ClosedError, ExhaustedError, InvalidError, OutcomeUnknownError, RoundRobin } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const refused = failure('ECONNREFUSED')
const reset = failure('ECONNRESET')
const at = ({ source }: { source: string }) => source
const forever = () => new Promise<never>(() => {})

describe('setSources', () => {
  test('the current provider stays if it is still listed, and the order is the new one', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    await rr.connect()
    rr.setSources(['x', 'a', 'y'])
    expect(await rr.run(at)).toBe('a')
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('y')
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['x', 'a', 'y'])
  })

  test('else new runs start at the first of the new list, and the former is drained', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    const reasons: string[] = []
    rr.on('failover', ({ reason }) => reasons.push(reason))
    let finish = (_: string) => {}
    const slow = rr.run(() => new Promise<string>((resolve) => (finish = resolve)))
    await microtasks()
    rr.setSources(['x', 'y'])
    expect(await rr.run(at)).toBe('x')
    expect(connector.disconnects).toEqual([])
    finish('finished on a')
    expect(await slow).toBe('finished on a')
    expect(connector.disconnects).toEqual(['a'])
    expect(reasons).toEqual(['removed'])
  })

  test('also where it was the turn of another that is still listed', async () => {
    const rr = new RoundRobin(['a', 'b', 'c'], fake())
    await rr.connect()
    rr.setSources(['c', 'b'])
    expect(await rr.run(at)).toBe('c')
  })

  test('a dial to a removed provider is aborted, costs no attempt, and who waited gets the new one', async () => {
    let signal: AbortSignal | undefined
    const connector = fake({
      connect: (source, context) => {
        if (source !== 'a') return
        signal = context.signal
        return forever()
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector, { maxAttempts: 1 })
    const run = rr.run(at)
    await microtasks()
    rr.setSources(['x', 'b'])
    expect(await run).toBe('x')
    expect(signal?.aborted).toBe(true)
  })

  test('a new provider ends a wait between rounds', async () => {
    const connector = fake({ connect: (source) => (source === 'x' ? undefined : Promise.reject(refused)) })
    const rr = new RoundRobin(['a', 'b'], connector, { backoff: { initialMs: 60_000, maxMs: 60_000 } })
    const run = rr.run(at, { maxAttempts: 9 })
    await microtasks()
    rr.setSources(['a', 'b'])
    await microtasks()
    expect(connector.dials).toEqual(['a', 'b'])
    rr.setSources(['x', 'a'])
    expect(await run).toBe('x')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a wrong list is an error, and the old one stays', async () => {
    const rr = new RoundRobin(['a', 'b'], fake())
    for (const sources of [[], ['x', 'x'], undefined]) {
      expect(() => rr.setSources(sources as string[])).toThrow(InvalidError)
    }
    expect(rr.providers.map(({ provider }) => provider)).toEqual(['a', 'b'])
    expect(await rr.run(at)).toBe('a')
  })

  test('a source of the same id is taken for the next dial', async () => {
    const dialled: string[] = []
    const rr = new RoundRobin(['redis://u:old@a'], { connect: (source) => dialled.push(source) })
    await rr.connect()
    rr.setSources(['redis://u:new@a'])
    expect(rr.current).toBe('redis://u:old@a')
    await rr.failover()
    expect(dialled).toEqual(['redis://u:old@a', 'redis://u:new@a'])
    expect(rr.current).toBe('redis://u:new@a')
  })
})

describe('failover', () => {
  test('connects the next first, then moves there and drains the former', async () => {
    let open = () => {}
    const connector = fake({
      connect: (source) => (source === 'b' ? new Promise<void>((resolve) => (open = resolve)) : undefined),
    })
    const rr = new RoundRobin(['a', 'b'], connector)
    const moves: object[] = []
    rr.on('failover', ({ durationMs: _, ...move }) => moves.push(move))
    await rr.connect()
    const moving = rr.failover('maintenance')
    expect(rr.failover()).not.toBe(undefined)
    await microtasks()
    expect(rr.current).toBe('a')
    expect(rr.providers[1]?.state).toBe('idle')
    expect(await rr.run(at)).toBe('a')
    open()
    expect(await moving).toBe('b')
    expect(await rr.run(at)).toBe('b')
    expect(connector.dials).toEqual(['a', 'b'])
    expect(connector.disconnects).toEqual(['a'])
    expect(moves).toEqual([{ provider: 'b', from: 'a', to: 'b', reason: 'manual', error: 'maintenance' }])
  })

  test('with one provider it replaces the connection', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a'], connector)
    await rr.connect()
    expect(await rr.failover()).toBe('a')
    expect(connector.dials).toEqual(['a', 'a'])
    expect(connector.disconnects).toEqual(['a'])
    expect(connector.services.length).toBe(2)
  })

  test('rejects, and changes nothing, if none is up', async () => {
    let down = false
    const connector = fake({ connect: () => (down ? Promise.reject(refused) : undefined) })
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    await rr.connect()
    down = true
    const error = await rejection<ExhaustedError>(rr.failover())
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error.attempts.map(({ provider }) => provider)).toEqual(['b', 'c'])
    expect(rr.current).toBe('a')
    expect(connector.disconnects).toEqual([])
    down = false
    expect(await rr.failover()).toBe('b')
  })

  test('concurrent calls share one move', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    await rr.connect()
    expect(await Promise.all([rr.failover(), rr.failover(), rr.failover()])).toEqual(['b', 'b', 'b'])
    expect(connector.dials).toEqual(['a', 'b'])
  })

  test('where nothing is connected yet, it connects', async () => {
    const rr = new RoundRobin(['a', 'b'], fake())
    expect(await rr.failover()).toBe('a')
  })

  test('G2 G14 if the current is lost meanwhile, who needs a service gets the one being dialled', async () => {
    let open = () => {}
    const connector = fake({
      connect: (source) => (source === 'b' ? new Promise<void>((resolve) => (open = resolve)) : undefined),
    })
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    await rr.connect()
    const moving = rr.failover()
    await microtasks()
    connector.last().lost(reset)
    const run = rr.run(at)
    open()
    expect(await run).toBe('b')
    expect(await moving).toBe('b')
    expect(connector.dials).toEqual(['a', 'b'])
  })

  test('if that dial fails, the next is dialled, and the failover ends there', async () => {
    let fail = (_: unknown) => {}
    const connector = fake({
      connect: (source) => (source === 'b' ? new Promise((_, reject) => (fail = reject)) : undefined),
    })
    const rr = new RoundRobin(['a', 'b', 'c'], connector)
    await rr.connect()
    const moving = rr.failover()
    await microtasks()
    connector.last().lost(reset)
    const run = rr.run(at)
    fail(refused)
    expect(await run).toBe('c')
    expect(await moving).toBe('c')
    expect(connector.dials).toEqual(['a', 'b', 'c'])
  })

  test('setSources and close give the dial up', async () => {
    const connector = fake({
      connect: (source) => (source === 'a' ? undefined : new Promise((open) => setTimeout(open, 50))),
    })
    const rr = new RoundRobin(['a', 'b'], connector)
    await rr.connect()
    const removed = rr.failover()
    await microtasks()
    rr.setSources(['a', 'c'])
    await vi.advanceTimersByTimeAsync(60)
    expect(await removed).toBe('c')
    rr.setSources(['c', 'd'])
    const closed = rejection(rr.failover())
    await microtasks()
    const closing = rr.close()
    expect(await closed).toBeInstanceOf(ClosedError)
    await vi.advanceTimersByTimeAsync(60)
    await closing
    expect(connector.disconnects.toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })
})

test.each(Array.from({ length: 12 }, (_, turn) => turn))(
  'a failover whose service is removed %i microtasks after it opened moves on to a listed one',
  async (turns) => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    await rr.connect()
    const moving = rr.failover()
    while (connector.services.length < 2) await Promise.resolve()
    await microtasks(turns)
    rr.setSources(['c'])
    expect(['b', 'c']).toContain(await moving)
    expect(await rr.run(at)).toBe('c')
    await rr.close()
    expect(connector.disconnects.toSorted()).toEqual(['a', 'b', 'c'])
  },
)

test('G14 a run that needs a service while a failed dial of a failover is judged waits for that verdict', async () => {
  let judge = (_: 'next') => {}
  const connector = fake({
    connect: (source) => (source === 'b' ? Promise.reject(refused) : undefined),
    judge: () => new Promise((resolve) => (judge = resolve)),
  })
  const rr = new RoundRobin(['a', 'b', 'c'], connector, { probeTimeoutMs: 60_000 })
  await rr.connect()
  const moving = rr.failover()
  await microtasks()
  connector.last().lost(reset)
  const run = rr.run(at)
  await microtasks()
  judge('next')
  expect(await run).toBe('c')
  expect(await moving).toBe('c')
  expect(connector.dials).toEqual(['a', 'b', 'c'])
})

test('G14 a removed provider whose dial fails late moves nothing', async () => {
  let judge = (_: 'next') => {}
  const connector = fake({
    connect: (source) => (source === 'b' ? Promise.reject(refused) : undefined),
    judge: () => new Promise((resolve) => (judge = resolve)),
  })
  const rr = new RoundRobin(['a', 'b'], connector, { probeTimeoutMs: 60_000 })
  await rr.connect()
  const moving = rr.failover()
  await microtasks()
  rr.setSources(['a', 'c'])
  connector.last().lost(reset)
  judge('next')
  expect(await moving).toBe('c')
  expect(connector.dials).toEqual(['a', 'b', 'c'])
})

test('G8 a run that begins as the provider of a failover is removed is not handed its dial', async () => {
  const connector = fake({ connect: (source) => (source === 'b' ? forever() : undefined) })
  const rr = new RoundRobin(['a', 'b'], connector)
  await rr.connect()
  const moving = rr.failover()
  await microtasks()
  rr.setSources(['c'])
  expect(await rr.run(at, { maxAttempts: 1 })).toBe('c')
  expect(await moving).toBe('c')
})

describe('close', () => {
  test('disconnects what is open, once, and says so; again it is the same promise', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector)
    let closes = 0
    rr.on('close', () => closes++)
    await rr.connect()
    const closing = rr.close()
    expect(rr.close()).toBe(closing)
    expect(rr.current).toBeUndefined()
    await closing
    expect(connector.disconnects).toEqual(['a'])
    expect(closes).toBe(1)
    await expect(rr.close()).resolves.toBeUndefined()
  })

  test('after it, everything says what to do', async () => {
    const rr = new RoundRobin(['a'], fake(), { name: 'billing' })
    await rr.close()
    let called = false
    const errors = [
      await rejection(rr.run(() => (called = true))),
      await rejection(rr.run(() => (called = true), { deadlineMs: 50 })),
      await rejection(rr.connect()),
      await rejection(rr.failover()),
    ]
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'TOURNIQUET_CLOSED', outcome: 'not-applied' })
      expect(error.message).toBe('billing: this RoundRobin is closed; create another to go on')
    }
    expect(called).toBe(false)
    expect(() => rr.setSources(['b'])).toThrow(ClosedError)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('G5 who waits for a connect or in backoff rejects at once; a connect that opens late is disconnected', async () => {
    const connector = fake({ connect: () => new Promise((open) => setTimeout(open, 100)) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const waiting = [rejection(rr.run(at)), rejection(rr.connect())]
    await microtasks()
    const closing = rr.close()
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ClosedError)
    await closing
    await vi.advanceTimersByTimeAsync(101)
    expect(connector.disconnects).toEqual(['a'])

    const failing = new RoundRobin(['a'], fake({ connect: () => Promise.reject(refused) }), {
      backoff: { initialMs: 9999 },
    })
    const resting = rejection(failing.run(at, { maxAttempts: 5 }))
    await microtasks()
    await failing.close()
    expect(await resting).toMatchObject({ code: 'TOURNIQUET_CLOSED', cause: refused })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a running attempt may finish for drainMs, but gets no further attempt', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { drainMs: 1000, idempotent: true })
    const settleIn = (ms: number, error?: unknown) => () =>
      new Promise((resolve, reject) => setTimeout(() => (error ? reject(error) : resolve('done')), ms))
    await rr.connect()
    const done = rr.run(settleIn(500))
    const refusing = rejection(rr.run(settleIn(500, refused)))
    const resetting = rejection(rr.run(settleIn(500, reset)))
    const unsure = rejection(rr.run(settleIn(500, reset), { idempotent: false }))
    const own = rejection(rr.run(settleIn(500, failure('NotFound'))))
    const closing = rr.close()
    await vi.advanceTimersByTimeAsync(500)
    expect(await done).toBe('done')
    expect(await refusing).toMatchObject({ code: 'TOURNIQUET_CLOSED', outcome: 'not-applied', cause: refused })
    expect(await resetting).toMatchObject({ code: 'TOURNIQUET_CLOSED', outcome: 'unknown', cause: reset })
    expect(await unsure).toBeInstanceOf(OutcomeUnknownError)
    expect((await own).code).toBe('NotFound')
    await closing
    expect(connector.dials).toEqual(['a'])
    expect(connector.disconnects).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('G5 a smaller drainMs shortens it, and what is pending settles', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a'], connector)
    const pending = rejection(rr.run((service) => service.hang()))
    await microtasks()
    const closing = rr.close()
    await vi.advanceTimersByTimeAsync(1000)
    expect(rr.close({ drainMs: 60_000 })).toBe(closing)
    expect(rr.close()).toBe(closing)
    expect(connector.disconnects).toEqual([])
    expect(rr.close({ drainMs: 10 })).toBe(closing)
    await vi.advanceTimersByTimeAsync(12)
    expect(connector.disconnects).toEqual(['a'])
    expect(await pending).toBeInstanceOf(OutcomeUnknownError)
    await closing
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an attempt that fails meanwhile does not cut the drain of the others short', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a'], connector, { drainMs: 0 })
    const done = rr.run(() => new Promise((resolve) => setTimeout(resolve, 500, 'done')))
    const refusing = rejection(rr.run(() => new Promise((_, reject) => setTimeout(reject, 100, refused))))
    await microtasks()
    const closing = rr.close({ drainMs: 1000 })
    await vi.advanceTimersByTimeAsync(500)
    expect(await refusing).toBeInstanceOf(ClosedError)
    expect(await done).toBe('done')
    await closing
  })

  test('G7 it waits for the disconnect of a service that opened too late', async () => {
    const connector = fake({
      connect: (source) => (source === 'a' ? new Promise((open) => setTimeout(open, 100)) : undefined),
      disconnect: ({ source }) => (source === 'a' ? new Promise((done) => setTimeout(done, 500)) : undefined),
    })
    const rr = new RoundRobin(['a', 'b'], connector, { connectTimeoutMs: 50 })
    const run = rr.run(at)
    await vi.advanceTimersByTimeAsync(150)
    expect(await run).toBe('b')
    let isClosed = false
    const closing = rr.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(400)
    expect([connector.disconnects, isClosed]).toEqual([['a', 'b'], false])
    await vi.advanceTimersByTimeAsync(100)
    await closing
  })

  test('await using closes it', async () => {
    const connector = fake()
    {
      await using rr = new RoundRobin(['a'], connector)
      await rr.connect()
    }
    expect(connector.disconnects).toEqual(['a'])
  })
})
