import { describe, expect, test } from 'vitest'
import { fake, rejection } from '../test/fake.ts'
import { InvalidError, type Options, RoundRobin, type RunOptions } from './index.ts'

const build = (options: unknown, connector: unknown = fake({ probe: () => {} })) =>
  new RoundRobin(['a'], connector as never, options as Options)

const wrong: [options: object, message: RegExp][] = [
  [{ connectTimeoutMs: -1 }, /^connectTimeoutMs must be a time in ms above 0 .*; got -1$/],
  [{ connectTimeoutMs: 0 }, /connectTimeoutMs must be a time in ms above 0/],
  [{ connectTimeoutMs: Number.NaN }, /connectTimeoutMs .* got NaN/],
  [{ connectTimeoutMs: 2 ** 31 }, /connectTimeoutMs .*up to 2147483647.* got 2147483648/],
  [{ connectTimeoutMs: '5s' }, /connectTimeoutMs .* got string/],
  [{ attemptTimeoutMs: -5 }, /attemptTimeoutMs/],
  [{ deadlineMs: Number.NEGATIVE_INFINITY }, /deadlineMs/],
  [{ probeTimeoutMs: 0 }, /probeTimeoutMs/],
  [{ heartbeatMs: 0 }, /heartbeatMs/],
  [{ cooldownMs: -1 }, /cooldownMs must be 0 or a time/],
  [{ drainMs: Number.NaN }, /drainMs must be 0 or a time/],
  [{ maxAttempts: 0 }, /maxAttempts must be a whole number above 0, or Infinity; got 0/],
  [{ maxAttempts: 1.5 }, /maxAttempts/],
  [{ idempotent: 'yes' }, /idempotent must be true or false; got string/],
  [{ name: 7 }, /name must be a string; got 7/],
  [{ backoff: 50 }, /backoff must be an object; got 50/],
  [{ backoff: { initialMs: 0 } }, /backoff\.initialMs must be a time/],
  [{ backoff: { maxMs: -1 } }, /backoff\.maxMs must be a time/],
  [{ backoff: { factor: 2 } }, /unknown option backoff\.factor; there are initialMs, maxMs/],
  [{ hedgeMs: -1 }, /hedgeMs must be 0 or a time/],
  [{ standby: 1 }, /standby must be true or false; got 1/],
  [{ failback: true }, /failback must be an object; got boolean/],
  [{ failback: { afterMs: 0 } }, /failback\.afterMs must be a time in ms above 0/],
  [{ failback: { intervalMs: '5s' } }, /failback\.intervalMs must be a time .*; got string/],
  [{ failback: { probeMs: 1 } }, /unknown option failback\.probeMs; there are afterMs, intervalMs/],
  [{ retries: 3 }, /unknown option retries; there are idempotent, maxAttempts, .*name/],
  [{ toString: 1 }, /unknown option toString/],
]

describe('options of the constructor', () => {
  test.each(wrong)('%o is refused', (options, message) => {
    expect(() => build(options)).toThrow(InvalidError)
    expect(() => build(options)).toThrow(message)
  })

  test('heartbeatMs needs a probe', () => {
    expect(() => build({ heartbeatMs: 1000 }, fake())).toThrow(/heartbeatMs needs a connector with a probe/)
    expect(() => build({ heartbeatMs: Number.POSITIVE_INFINITY }, fake())).not.toThrow()
  })

  test('undefined means the default; Infinity switches a time off; 0 is allowed where it means something', () => {
    const never = Number.POSITIVE_INFINITY
    expect(() => build({ connectTimeoutMs: undefined, maxAttempts: undefined, backoff: undefined })).not.toThrow()
    expect(() => build({ backoff: { initialMs: undefined, maxMs: never } })).not.toThrow()
    expect(() =>
      build({ connectTimeoutMs: never, deadlineMs: never, maxAttempts: never, drainMs: never }),
    ).not.toThrow()
    expect(() => build({ cooldownMs: 0, drainMs: 0, hedgeMs: 0 })).not.toThrow()
    expect(() => build({ failback: {}, standby: undefined, hedgeMs: never })).not.toThrow()
    expect(() => build({ failback: { afterMs: never, intervalMs: undefined } })).not.toThrow()
  })

  test('the options are an object', () => {
    expect(() => build(3)).toThrow(/options must be an object/)
    expect(() => build(null)).toThrow(/options must be an object/)
  })

  test('a wrong text is not shown, since it may be a secret', () => {
    expect(() => build({ deadlineMs: 'hunter2' })).not.toThrow(/hunter2/)
  })
})

describe('options of a run', () => {
  test.each<[unknown, RegExp]>([
    [{ maxAttempts: 0 }, /maxAttempts/],
    [{ deadlineMs: -1 }, /deadlineMs/],
    [{ attemptTimeoutMs: Number.NaN }, /attemptTimeoutMs/],
    [{ idempotent: 1 }, /idempotent/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ timeout: 5 }, /unknown option timeout/],
    [{ connectTimeoutMs: 5 }, /unknown option connectTimeoutMs/],
    [{ retries: undefined }, /unknown option retries/],
    [7, /options must be an object/],
  ])('%o rejects, and the function is not called', async (options, message) => {
    const rr = build({})
    await rr.connect()
    let calls = 0
    const error = await rejection(rr.run(() => calls++, options as RunOptions))
    expect(error).toBeInstanceOf(InvalidError)
    expect(error.message).toMatch(message)
    expect(calls).toBe(0)
  })

  test('run never throws synchronously, also without a function', async () => {
    const rr = build({})
    expect((await rejection(rr.run(undefined as never))).message).toBe('run needs a function; got undefined')
    await rr.connect()
    expect(await rejection(rr.run(7 as never))).toBeInstanceOf(Error)
    expect((await rejection(rr.connect({ deadlineMs: 0 }))).message).toMatch(/deadlineMs/)
    const hostile = Object.defineProperty({}, 'idempotent', {
      enumerable: true,
      get: () => {
        throw new Error('hands off')
      },
    })
    expect((await rejection(rr.run(() => 1, hostile))).message).toBe('hands off')
  })

  test('close refuses a wrong drainMs, and stays open', async () => {
    const rr = build({})
    await expect(rr.close({ drainMs: -1 })).rejects.toThrow(/drainMs/)
    await expect(rr.close({ drain: 1 } as never)).rejects.toThrow(/unknown option drain/)
    expect(await rr.connect()).toBe('a')
  })
})

describe('the connector', () => {
  test.each<[unknown, RegExp]>([
    [undefined, /the connector must be an object with a function connect/],
    [{}, /connect/],
    [() => {}, /connect/],
    [{ connect() {}, probe: true }, /the connector's probe must be a function, or left out; got boolean/],
    [{ connect() {}, id: 'x' }, /id must be a function/],
  ])('%o is refused', (connector, message) => {
    expect(() => new RoundRobin(['a'], connector as never)).toThrow(message)
  })
})
