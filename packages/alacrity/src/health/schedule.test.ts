import { describe, expect, test } from 'vitest'
import { checkTargetOf, firstDelays, spread, timeoutsOf } from './schedule.ts'

const check = { interMs: 2_000, fastinterMs: 2_000, downinterMs: 2_000, rise: 2, fall: 3, tls: false }

describe('time-outs of a check', () => {
  test('are inter for everything without `timeout check`', () => {
    expect(timeoutsOf(check, {})).toEqual({ connectTimeoutMs: 2_000 })
    expect(timeoutsOf(check, { connectMs: 500 })).toEqual({ connectTimeoutMs: 2_000 })
  })

  test('are the shorter of connect and inter, and then `timeout check`', () => {
    expect(timeoutsOf(check, { connectMs: 500, checkMs: 5_000 })).toEqual({
      connectTimeoutMs: 500,
      answerTimeoutMs: 5_000,
    })
    expect(timeoutsOf(check, { connectMs: 9_000, checkMs: 50 })).toEqual({
      connectTimeoutMs: 2_000,
      answerTimeoutMs: 50,
    })
    expect(timeoutsOf(check, { checkMs: 50 })).toEqual({ connectTimeoutMs: 2_000, answerTimeoutMs: 50 })
  })
})

describe('where a check goes', () => {
  const server = { host: '10.0.0.1', port: 5432 }
  test('is where the server is', () => expect(checkTargetOf(server, check)).toEqual(server))
  test('is where `port` and `addr` say', () => {
    expect(checkTargetOf(server, { ...check, port: 8008 })).toEqual({ host: '10.0.0.1', port: 8008 })
    expect(checkTargetOf(server, { ...check, host: '10.0.0.2' })).toEqual({ host: '10.0.0.2', port: 5432 })
    expect(checkTargetOf({ path: '/run/s' }, { ...check, host: '::1', port: 1 })).toEqual({ host: '::1', port: 1 })
    expect(checkTargetOf({ path: '/run/s' }, { ...check, port: 1 })).toEqual({ path: '/run/s' })
  })
})

describe('spreading', () => {
  test('makes an interval so much longer or shorter', () => {
    expect(spread(2_000, 0, () => 0.3)).toBe(2_000)
    expect(spread(2_000, 50, () => 0)).toBe(3_000)
    expect(spread(2_000, 50, () => 0.5)).toBe(2_000)
    expect(spread(2_000, 50, () => 1)).toBe(1_000)
  })

  test('puts first checks one after the other', () => {
    expect(firstDelays([])).toEqual([])
    expect(firstDelays([2_000])).toEqual([0])
    expect(firstDelays([2_000, 2_000, 2_000, 2_000])).toEqual([0, 500, 1_000, 1_500])
    expect(firstDelays([1_000, 4_000])).toEqual([0, 2_000])
    expect(firstDelays([4_000, 1_500])).toEqual([0, 750])
    expect(firstDelays([100, 100])).toEqual([0, 50])
    expect(firstDelays([4_000, 100])).toEqual([0, 2_000])
  })
})
