import { describe, expect, test } from 'vitest'
import { failure, fake, rejection } from '../test/fake.ts'
import { ExhaustedError, RoundRobin, type Verdict } from './index.ts'

// The unit tests of the Rust crate `tourniquet`, and its known faults. A bare error of the crate is the `cause` here,
// and its default of n attempts is n + 1.

const timeout = failure('Timeout')
const judge = (error: unknown): Verdict => (error === timeout ? 'next' : 'caller')

/** Two providers, '0' and '1'; a connect to one below `okFrom` fails with a time-out. */
function build(okFrom: number, maxAttempts?: number) {
  const connector = fake({
    judge,
    connect: (source) => {
      if (Number(source) < okFrom) throw timeout
    },
  })
  return { connector, rr: new RoundRobin(['0', '1'], connector, { maxAttempts }) }
}

describe("the crate's own tests", () => {
  test('first called', async () => {
    const { rr, connector } = build(0)
    let runs = 0
    await rr.run(() => runs++)
    expect([connector.dials.length, runs]).toEqual([1, 1])
    await rr.run(() => runs++)
    expect([connector.dials.length, runs]).toEqual([1, 2])
  })

  test('exhausted run', async () => {
    const { rr, connector } = build(0, 1)
    let runs = 0
    const run = rr.run(({ source }) => {
      runs++
      if (source === '0') throw timeout
      return source
    })
    const error = await rejection(run)
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error.cause).toBe(timeout)
    expect([connector.dials.length, runs]).toEqual([1, 1])
  })

  test('try next run', async () => {
    const { rr, connector } = build(0)
    let runs = 0
    const run = rr.run(({ source }) => {
      runs++
      if (source === '0') throw timeout
      return source
    })
    expect(await run).toBe('1')
    expect([connector.dials.length, runs]).toEqual([2, 2])
  })

  test('exhausted connector', async () => {
    const { rr, connector } = build(1, 1)
    let runs = 0
    const error = await rejection(rr.run(() => runs++))
    expect(error).toBeInstanceOf(ExhaustedError)
    expect(error.cause).toBe(timeout)
    expect([connector.dials.length, runs]).toEqual([1, 0])
  })

  test('try next connector', async () => {
    const { rr, connector } = build(1)
    let runs = 0
    await rr.run(() => runs++)
    expect([connector.dials.length, runs]).toEqual([2, 1])
  })

  test('abort', async () => {
    const { rr } = build(1)
    const notFound = failure('NotFound')
    expect(
      await rejection(
        rr.run(() => {
          throw notFound
        }),
      ),
    ).toBe(notFound)
  })
})

describe("the crate's known faults", () => {
  test('G2 concurrent first calls share one connect', async () => {
    const { rr, connector } = build(0)
    const results = await Promise.all(Array.from({ length: 1000 }, () => rr.run(({ source }) => source)))
    expect(new Set(results)).toEqual(new Set(['0']))
    expect(connector.dials).toEqual(['0'])
  })

  test('G2 concurrent failures move the ring once', async () => {
    const { rr, connector } = build(0)
    let failovers = 0
    rr.on('failover', () => failovers++)
    const work = async ({ source }: { source: string }) => {
      await Promise.resolve()
      if (source === '0') throw timeout
      return source
    }
    const results = await Promise.all(Array.from({ length: 1000 }, () => rr.run(work)))
    expect(new Set(results)).toEqual(new Set(['1']))
    expect(connector.dials).toEqual(['0', '1'])
    expect(failovers).toBe(1)
  })

  test('G3 what is current is what is connected, after any number of concurrent failures', async () => {
    const { rr, connector } = build(0)
    for (let round = 0; round < 50; round++) {
      const bad = rr.current ?? '0'
      const work = async ({ source }: { source: string }) => {
        await Promise.resolve()
        if (source === bad) throw timeout
        return source
      }
      const results = await Promise.all([rr.run(work), rr.run(work), rr.run(work)])
      expect(new Set(results)).toEqual(new Set([rr.current]))
      expect(connector.last().source).toBe(rr.current)
    }
  })

  test('G5 a service that goes while a run waits for it is no crash', async () => {
    const { rr, connector } = build(0)
    const first = rr.run(({ source }) => source)
    const second = rr.run(({ lost, source }) => {
      lost(timeout)
      return source
    })
    const third = rr.run(({ source }) => source)
    expect(await Promise.all([first, second, third])).toEqual(['0', '0', '1'])
    expect(connector.dials).toEqual(['0', '1'])
  })

  test('zero sources are refused when it is built, not when it runs', () => {
    expect(() => new RoundRobin([], fake())).toThrow(/at least one source/)
  })

  test('G7 the old service is closed, not only dropped', async () => {
    const { rr, connector } = build(0)
    await rr.run(({ source }) => {
      if (source === '0') throw timeout
    })
    expect(connector.disconnects).toEqual(['0'])
  })

  test('G8 every error survives, not only the last', async () => {
    const errors = [failure('Timeout', 'first'), failure('Timeout', 'second')]
    const connector = fake({ judge: () => 'next', connect: (source) => Promise.reject(errors[Number(source)]) })
    const rr = new RoundRobin(['0', '1'], connector, { maxAttempts: 2 })
    const error = await rejection<ExhaustedError>(rr.run(() => undefined))
    expect(error.errors).toEqual(errors)
    expect(error.attempts.map(({ provider }) => provider)).toEqual(['0', '1'])
    expect(error.cause).toBe(errors[1])
  })
})
