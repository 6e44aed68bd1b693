import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Timed, tickMs, Wheel } from './wheel.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class Asked extends Timed {
  readonly at: number[] = []
  readonly #answer: (now: number) => number

  constructor(answer: (now: number) => number = () => 0) {
    super()
    this.#answer = answer
  }

  override due(now: number): number {
    this.at.push(now)
    return this.#answer(now)
  }
}

describe('the timer wheel', () => {
  test('asks at the time that was set or up to two ticks later, never before', () => {
    const wheel = new Wheel(() => {})
    const start = performance.now()
    const all = [1, 49, 50, 51, 99, 730, 12_345].map((ms) => ({ ms, asked: new Asked() }))
    for (const { ms, asked } of all) wheel.set(asked, start + ms)
    vi.advanceTimersByTime(13_000)
    for (const { ms, asked } of all) {
      expect(asked.at, `${ms} ms`).toHaveLength(1)
      expect(asked.at[0]).toBeGreaterThanOrEqual(start + ms)
      expect(asked.at[0]).toBeLessThanOrEqual(start + ms + 2 * tickMs)
    }
    wheel.stop()
  })

  test('asks again when it was told so, and comes by early for what is further away than it is round', () => {
    const wheel = new Wheel(() => {})
    const start = performance.now()
    const far = start + 180_000
    const asked = new Asked((now) => (now < far ? far : 0))
    wheel.set(asked, far)
    vi.advanceTimersByTime(200_000)
    expect(asked.at.filter((now) => now >= far)).toHaveLength(1)
    expect(asked.at.length).toBeLessThanOrEqual(6)
    wheel.stop()
  })

  test('does not ask what was forgotten, also by another that is asked in the same tick', () => {
    const wheel = new Wheel(() => {})
    const forgotten = new Asked()
    const first = new Asked(() => {
      forgotten.forget()
      return 0
    })
    const last = new Asked()
    for (const each of [first, forgotten, last]) wheel.set(each, performance.now() + 100)
    vi.advanceTimersByTime(1_000)
    expect([first.at.length, forgotten.at.length, last.at.length]).toEqual([1, 0, 1])
    wheel.stop()
  })

  test('setting a time again moves it', () => {
    const wheel = new Wheel(() => {})
    const asked = new Asked()
    wheel.set(asked, performance.now() + 100)
    wheel.set(asked, performance.now() + 500)
    vi.advanceTimersByTime(400)
    expect(asked.at).toEqual([])
    vi.advanceTimersByTime(300)
    expect(asked.at).toHaveLength(1)
    wheel.stop()
  })

  test('after a long sleep everybody is asked once', () => {
    const wheel = new Wheel(() => {})
    const asked = Array.from({ length: 50 }, () => new Asked())
    for (const [at, each] of asked.entries()) wheel.set(each, performance.now() + at * 900)
    vi.setSystemTime(Date.now() + 3_600_000)
    vi.advanceTimersByTime(3_600_000)
    for (const each of asked) expect(each.at).toHaveLength(1)
    wheel.stop()
  })
})
