import { describe, expect, test } from 'vitest'
import { failure, fake, rejection } from '../test/fake.ts'
import { defaultTable, defaultVerdict, ExhaustedError, RoundRobin } from './index.ts'

const neverSent =
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN EADDRNOTAVAIL UND_ERR_CONNECT_TIMEOUT'
const lost = 'ECONNRESET EPIPE ECONNABORTED ETIMEDOUT UND_ERR_SOCKET UND_ERR_HEADERS_TIMEOUT ERR_STREAM_PREMATURE_CLOSE'
const bunAndDeno = {
  ConnectionRefused: 'next',
  FailedToOpenSocket: 'next',
  ConnectionClosed: 'unsure',
  UnexpectedEof: 'unsure',
}

describe('the default table', () => {
  test.each(neverSent.split(' '))('%s: nothing was sent', (code) => {
    expect(defaultVerdict(failure(code), 'run')).toBe('next')
    expect(defaultVerdict(failure(code), 'connect')).toBe('next')
  })

  test.each(lost.split(' '))('%s: the bytes may have arrived, unless it was connecting', (code) => {
    expect(defaultVerdict(failure(code), 'run')).toBe('unsure')
    expect(defaultVerdict(failure(code), 'connect')).toBe('next')
  })

  test.each(Object.entries(bunAndDeno))('%s, by code or by name', (word, verdict) => {
    expect(defaultVerdict(failure(word), 'run')).toBe(verdict)
    expect(defaultVerdict(Object.assign(new Error('x'), { name: word }), 'run')).toBe(verdict)
  })

  test.each(['EMFILE', 'ENFILE'])('%s is our own limit', (code) => {
    expect(defaultVerdict(failure(code), 'run')).toBe('caller')
    expect(defaultVerdict(failure(code), 'connect')).toBe('caller')
  })

  test.each([
    failure('ERR_TLS_CERT_ALTNAME_INVALID'),
    failure('CERT_HAS_EXPIRED'),
    new DOMException('x', 'AbortError'),
    new TypeError('fetch failed'),
    'a text',
    undefined,
    null,
  ])("%o is the next provider's while connecting, the caller's during a run", (error) => {
    expect(defaultVerdict(error, 'connect')).toBe('next')
    expect(defaultVerdict(error, 'run')).toBe('caller')
  })

  test('looks at the cause, as of fetch', () => {
    expect(defaultVerdict(new TypeError('fetch failed', { cause: failure('ECONNREFUSED') }), 'run')).toBe('next')
    expect(defaultVerdict(new TypeError('fetch failed', { cause: failure('UND_ERR_SOCKET') }), 'run')).toBe('unsure')
  })

  test('looks into an AggregateError, and the gravest counts', () => {
    const both = new AggregateError([failure('ECONNREFUSED'), failure('ETIMEDOUT')])
    expect(defaultVerdict(both, 'run')).toBe('unsure')
    expect(defaultVerdict(new AggregateError([failure('ENETUNREACH'), failure('ECONNREFUSED')]), 'run')).toBe('next')
    expect(defaultVerdict(new AggregateError([failure('ENETUNREACH'), new Error('x')]), 'run')).toBe('caller')
    expect(defaultVerdict(new AggregateError([failure('ENETUNREACH'), failure('EMFILE')]), 'run')).toBe('caller')
    expect(defaultVerdict(new AggregateError([]), 'run')).toBe('caller')
  })

  test('an error that is its own cause does not hang', () => {
    const error = new Error('x')
    error.cause = error
    expect(defaultVerdict(error, 'run')).toBe('caller')
  })

  test('an error of ours tells of other providers', () => {
    const attempts = [{ provider: 'x', source: 'x', error: failure('ECONNREFUSED'), durationMs: 1 }]
    expect(defaultVerdict(new ExhaustedError('x', { attempts }), 'run')).toBe('caller')
  })

  test('a connector can look up rows', () => {
    expect(defaultTable.get('ECONNRESET')).toBe('unsure')
  })
})

describe("a connector's judge", () => {
  test('comes first, and leaves the rest to the table', async () => {
    const connector = fake({ judge: (error) => ((error as Error).message === 'mine' ? 'next' : undefined) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const run = (error: Error) =>
      rr.run(({ source }) => {
        if (source === 'a') throw error
        return source
      })
    expect(await run(new Error('mine'))).toBe('b')
    await rr.failover()
    expect(await run(failure('ECONNREFUSED'))).toBe('b')
    await rr.failover()
    expect((await rejection(run(failure('EOTHER')))).code).toBe('EOTHER')
  })

  test.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('judge')
      },
    ],
    ['rejects', () => Promise.reject(new Error('judge'))],
  ])("that %s: the operation's own error is rethrown", async (_, judge) => {
    const rr = new RoundRobin(['a', 'b'], fake({ judge }))
    const own = failure('ECONNREFUSED')
    expect(await rejection(rr.run(() => Promise.reject(own)))).toBe(own)
    expect(rr.current).toBe('a')
  })

  test("that says a word which is no verdict: the operation's own error is rethrown, and the provider stays", async () => {
    const rr = new RoundRobin(['a', 'b'], fake({ judge: () => 'nxt' as never }))
    const own = failure('ECONNREFUSED')
    expect(await rejection(rr.run(() => Promise.reject(own)))).toBe(own)
    expect(rr.current).toBe('a')
  })

  test('that never answers is given probeTimeoutMs', async () => {
    const rr = new RoundRobin(['a', 'b'], fake({ judge: () => new Promise(() => {}) }), { probeTimeoutMs: 5 })
    const own = failure('ECONNREFUSED')
    expect(await rejection(rr.run(() => Promise.reject(own)))).toBe(own)
  })

  test('keeps its this', async () => {
    class Own {
      verdict = 'next' as const
      connect = (source: string) => source
      judge() {
        return this.verdict
      }
    }
    const rr = new RoundRobin(['a', 'b'], new Own())
    const run = (service: string) => (service === 'a' ? Promise.reject(new Error('x')) : service)
    expect(await rr.run(run)).toBe('b')
  })

  test("'caller' while connecting stops everyone who waits, with the same object; the ring stays", async () => {
    const own = new Error('wrong password')
    const connector = fake({ judge: () => 'caller', connect: () => Promise.reject(own) })
    const rr = new RoundRobin(['a', 'b'], connector)
    const errors = await Promise.all([rejection(rr.run(() => 1)), rejection(rr.run(() => 2)), rejection(rr.connect())])
    expect(errors.every((error) => error === own)).toBe(true)
    await rejection(rr.connect())
    expect(connector.dials).toEqual(['a', 'a'])
  })
})
