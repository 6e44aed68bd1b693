import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CheckOptions, CheckResult, CheckStatus } from './contract.ts'
import type { HealthEvent } from './event.ts'
import { HealthWatch, type HealthWatchOptions } from './watch.ts'

const check = { interMs: 400, fastinterMs: 100, downinterMs: 200, rise: 2, fall: 3, tls: false }
const good: CheckStatus = 'L4OK'
const bad: CheckStatus = 'L4CON'

/** A server that does what it is told, and when it was looked at. */
class Scene {
  readonly looks: number[] = []
  readonly asked: CheckOptions[] = []
  readonly events: HealthEvent[] = []
  answer: CheckStatus = good
  /** How long a look takes. */
  tookMs = 0
  readonly watch: HealthWatch
  readonly #began = Date.now()

  constructor(more: Partial<HealthWatchOptions> = {}) {
    this.watch = new HealthWatch({
      check,
      method: { kind: 'connect' },
      timeouts: {},
      target: () => ({ host: '127.0.0.1', port: 1 }),
      run: (options) => this.#look(options),
      onChange: (event) => this.events.push(event),
      ...more,
    })
    this.watch.start()
  }

  /** `up 4`, and so on. */
  get state(): string {
    const { status, level } = this.watch.health
    return `${status} ${level}`
  }

  async #look(options: CheckOptions): Promise<CheckResult> {
    this.looks.push(Date.now() - this.#began)
    this.asked.push(options)
    const status = this.answer
    if (this.tookMs > 0) await new Promise((resolve) => setTimeout(resolve, this.tookMs))
    return { status, text: '', ms: this.tookMs }
  }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the schedule', () => {
  test('looks every inter while all is well', async () => {
    const scene = new Scene()
    await pass(1_000)
    expect(scene.looks).toEqual([0, 400, 800])
    expect(scene.state).toBe('up 4')
  })

  test('looks every fastinter while it changes, and every downinter while it is down', async () => {
    const scene = new Scene()
    await pass(10)
    scene.answer = bad
    await pass(1_190) // 400: 3, 500: 2, 600: down, 800, 1000, 1200
    expect(scene.looks).toEqual([0, 400, 500, 600, 800, 1_000, 1_200])
    scene.answer = good
    await pass(700) // 1400: 1, 1500: up, 1900
    expect(scene.looks.slice(7)).toEqual([1_400, 1_500, 1_900])
    expect(scene.state).toBe('up 4')
  })

  test('counts the interval from the end of a check, and never runs two', async () => {
    const scene = new Scene()
    scene.tookMs = 1_000
    await pass(2_000)
    expect(scene.looks).toEqual([0, 1_400])
    expect(scene.watch.isChecking).toBe(true)
  })

  test('begins after its delay, and spreads by chance', async () => {
    const scene = new Scene({ delayMs: 150, spreadPercent: 50, random: () => 0 })
    await pass(800)
    expect(scene.looks).toEqual([150, 750])
  })

  test('does not look at a server without an address, and does once it has one', async () => {
    const places: { host: string; port: number }[] = []
    const scene = new Scene({ target: () => places[0] })
    await pass(500)
    expect([scene.looks, scene.state]).toEqual([[], 'up 2'])
    places.push({ host: '127.0.0.2', port: 7 })
    await pass(100)
    expect(scene.asked[0]?.target).toEqual({ host: '127.0.0.2', port: 7 })
  })

  test('tells a check whether the server is up', async () => {
    const scene = new Scene()
    scene.answer = bad
    await pass(250)
    expect(scene.asked.map(({ isUp }) => isUp)).toEqual([true, false])
  })
})

describe('the state', () => {
  test('starts up, and the first failed check takes it down', async () => {
    const scene = new Scene({ delayMs: 10 })
    expect([scene.state, scene.watch.health.last]).toEqual(['up 2', undefined])
    scene.answer = bad
    await pass(10)
    expect(scene.state).toBe('down 0')
    expect(scene.watch.counts).toEqual({ failed: 1, downs: 1, observed: 0 })
  })

  test('counts failures only while there is something to lose', async () => {
    const scene = new Scene()
    await pass(10)
    scene.answer = bad
    await pass(2_000)
    expect(scene.watch.counts).toEqual({ failed: 3, downs: 1, observed: 0 })
  })

  test('says what is news and what changed', async () => {
    const scene = new Scene()
    await pass(500)
    scene.answer = bad
    await pass(700)
    const said = scene.events.map(({ health, changed, isNews, cause }) => [
      health.status,
      health.level,
      changed,
      isNews,
      cause,
    ])
    expect(said).toEqual([
      ['up', 4, false, true, 'check'],
      ['up', 4, false, false, 'check'],
      ['up', 3, false, true, 'check'],
      ['up', 2, false, true, 'check'],
      ['down', 0, true, true, 'check'],
      ['down', 0, false, false, 'check'],
    ])
  })

  test('can be forced, until a check says something else', async () => {
    const scene = new Scene()
    await pass(10)
    scene.watch.force('down')
    expect([scene.state, scene.watch.counts.downs]).toEqual(['down 0', 1])
    await pass(400)
    expect(scene.state).toBe('down 1')
    scene.watch.force('stopping')
    expect(scene.state).toBe('nolb 4')
    scene.watch.force('up')
    expect(scene.state).toBe('up 4')
    expect(scene.events.filter(({ cause }) => cause === 'command').map(({ changed }) => changed)).toEqual([
      true,
      true,
      true,
    ])
  })

  test('is kept by a reload, which may bring the next check nearer', async () => {
    const scene = new Scene({ check: { ...check, interMs: 60_000 } })
    await pass(10)
    scene.watch.update({ check: { ...check, interMs: 50, rise: 5 }, method: { kind: 'redis' }, timeouts: {} })
    expect(scene.state).toBe('up 7')
    await pass(60)
    expect(scene.asked.at(-1)?.method).toEqual({ kind: 'redis' })
    expect(scene.looks).toEqual([0, 60])
  })

  test('begins anew after maintenance', async () => {
    const scene = new Scene()
    scene.answer = bad
    await pass(10)
    scene.watch.stop()
    scene.watch.reset()
    expect(scene.state).toBe('up 2')
  })
})

describe('what traffic saw', () => {
  const observing = (onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down'): Scene =>
    new Scene({ observe: { errorLimit: 2, onError }, check: { ...check, interMs: 60_000 } })

  test('counts losses in a row, and a good check or connection clears them', async () => {
    const scene = observing('mark-down')
    await pass(10)
    scene.watch.observe(true)
    scene.watch.observe(false)
    scene.watch.observe(true)
    expect(scene.state).toBe('up 4')
    await pass(60_000)
    scene.watch.observe(true)
    expect(scene.state).toBe('up 4')
    scene.watch.observe(true)
    expect(scene.state).toBe('down 0')
    expect(scene.watch.counts).toEqual({ failed: 1, downs: 1, observed: 1 })
    expect(scene.watch.health.last?.text).toBe(
      'Detected 2 consecutive errors, last one was: L4 unsuccessful connection',
    )
  })

  test.each([
    ['fastinter', 'up 4'],
    ['fail-check', 'up 3'],
    ['sudden-death', 'up 2'],
    ['mark-down', 'down 0'],
  ] as const)('with on-error %s makes it %s, and the next check comes after fastinter', async (onError, state) => {
    const scene = observing(onError)
    await pass(10)
    scene.watch.observe(true)
    scene.watch.observe(true)
    expect(scene.state).toBe(state)
    await pass(99)
    expect(scene.looks).toHaveLength(1)
    await pass(1)
    expect(scene.looks).toEqual([0, 110])
  })

  test('without observe asks for a check, but not for a storm of them', async () => {
    const scene = new Scene()
    await pass(10)
    for (let loss = 0; loss < 1_000; loss++) scene.watch.observe(true)
    await pass(29)
    expect(scene.looks).toEqual([0])
    await pass(1)
    expect([scene.looks, scene.state]).toEqual([[0, 40], 'up 4'])
    await pass(300)
    scene.watch.observe(true)
    await pass(0)
    expect(scene.looks).toEqual([0, 40, 340])
  })
})

describe('stopping', () => {
  test('leaves no timer', async () => {
    const scene = new Scene()
    await pass(10)
    scene.watch.stop()
    scene.watch.observe(true)
    scene.watch.update({ check, method: { kind: 'connect' }, timeouts: {} })
    expect(vi.getTimerCount()).toBe(0)
    await pass(1_000)
    expect(scene.looks).toEqual([0])
  })

  test('ends a check under way, whose result does not count', async () => {
    const scene = new Scene()
    scene.tookMs = 100
    scene.answer = bad
    await pass(10)
    scene.watch.stop()
    expect(scene.asked[0]?.signal.aborted).toBe(true)
    await pass(1_000)
    expect([scene.looks, scene.state, scene.events]).toEqual([[0], 'up 2', []])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('and starting again goes on with what is known', async () => {
    const scene = new Scene()
    await pass(10)
    scene.watch.stop()
    scene.watch.start()
    scene.watch.start()
    await pass(0)
    expect([scene.looks, scene.state]).toEqual([[0, 10], 'up 4'])
    expect(vi.getTimerCount()).toBe(1)
  })
})
