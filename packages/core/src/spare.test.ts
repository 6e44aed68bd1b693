import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { ExhaustedError, RoundRobin } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const refused = failure('ECONNREFUSED')
const reset = failure('ECONNRESET')
const at = ({ source }: { source: string }) => source
const forever = () => new Promise<never>(() => {})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** A network whose providers are slow, or down, as a test says. */
function network() {
  const slowMs = new Map<string, number>()
  const down = new Set<string>()
  const connect = async (source: string) => {
    const ms = slowMs.get(source)
    if (ms !== undefined) await new Promise<void>((resolve) => setTimeout(resolve, ms))
    if (down.has(source)) throw refused
  }
  return { slowMs, down, connect }
}

/** The moves of `rr`, each as `from > to (reason)`. */
function movesOf(rr: Pick<RoundRobin<string, unknown>, 'on'>): string[] {
  const moves: string[] = []
  rr.on('failover', ({ from, to, reason }) => moves.push(`${from} > ${to} (${reason})`))
  return moves
}

describe('a hedge', () => {
  test('G14 a dial that is slow is joined by one to the next provider, and the first one up wins', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 500)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { hedgeMs: 100 })
    const run = rr.run(at)
    await pass(99)
    expect(connector.dials).toEqual(['a'])
    await pass(5)
    expect(await run).toBe('b')
    expect(connector.dials).toEqual(['a', 'b'])
    expect(rr.current).toBe('b')
  })

  test('G7 the loser is given up, and disconnected where it opens nevertheless', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 500)
    const signals: AbortSignal[] = []
    const connector = fake({
      connect: (source, { signal }) => {
        signals.push(signal)
        return connect(source)
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
    await Promise.all([rr.connect(), pass(105)])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await pass(500)
    expect(connector.disconnects).toEqual(['a'])
    expect(rr.current).toBe('b')
  })

  test('G7 where the first dial wins, the hedge is the loser', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 150).set('b', 150)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
    await Promise.all([rr.connect(), pass(160)])
    expect(rr.current).toBe('a')
    await pass(200)
    expect(connector.disconnects).toEqual(['b'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a dial that is quick has none, and no timer is left of it', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
    await rr.connect()
    expect(vi.getTimerCount()).toBe(0)
    expect(connector.dials).toEqual(['a'])
  })

  test('0 dials two at once', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 30)
    const rr = new RoundRobin(['a', 'b'], fake({ connect }), { hedgeMs: 0 })
    const run = rr.run(at)
    await pass(5)
    expect(await run).toBe('b')
  })

  test('G2 there are two dials at a time at most: one that is refused makes room for the next provider, once', async () => {
    const { slowMs, down, connect } = network()
    slowMs.set('a', 1000).set('c', 50)
    down.add('b').add('c')
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { hedgeMs: 100 })
    const run = rr.run(at)
    await pass(500)
    expect(connector.dials).toEqual(['a', 'b', 'c'])
    await pass(600)
    expect(await run).toBe('a')
    expect(connector.dials).toEqual(['a', 'b', 'c'])
  })

  test('what a refused hedge costs no run is an attempt: its dial goes on', async () => {
    const { slowMs, down, connect } = network()
    slowMs.set('a', 1000)
    down.add('b')
    const rr = new RoundRobin(['a', 'b'], fake({ connect }), { hedgeMs: 100, maxAttempts: 1 })
    const run = rr.run((_, { attempt }) => attempt)
    await pass(1100)
    expect(await run).toBe(1)
    expect(rr.providers[1]?.lastError).toBe(refused)
  })

  test('where the first dial fails the hedge goes on in its place, and is hedged in turn', async () => {
    const { slowMs, down, connect } = network()
    slowMs.set('a', 150).set('b', 5000)
    down.add('a')
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { hedgeMs: 100 })
    const run = rr.run((service, { attempt }) => [service.source, attempt])
    await pass(160)
    expect(connector.dials).toEqual(['a', 'b'])
    await pass(45)
    expect(connector.dials).toEqual(['a', 'b', 'c'])
    expect(await run).toEqual(['c', 2])
  })

  test('an error of the caller’s own turns away all who wait, also where a hedge meets it', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 1000)
    const ownLimit = failure('EMFILE')
    const connector = fake({ connect: (source) => (source === 'b' ? Promise.reject(ownLimit) : connect(source)) })
    const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
    const runs = [rejection(rr.run(at)), rejection(rr.run(at))]
    await pass(105)
    expect(await Promise.all(runs)).toEqual([ownLimit, ownLimit])
  })

  test('G12 a provider that cools is no hedge', async () => {
    const { slowMs, down, connect } = network()
    down.add('b')
    const connector = fake({ connect })
    const rr = new RoundRobin(['c', 'b', 'a'], connector, { hedgeMs: 100, cooldownMs: 10_000 })
    await rr.connect()
    expect(await rr.failover()).toBe('a')
    slowMs.set('c', 1000)
    rr.setSources(['c', 'b'])
    const run = rr.run(at)
    await pass(1500)
    expect(await run).toBe('c')
    expect(connector.dials).toEqual(['c', 'b', 'a', 'c'])
  })

  test('close gives both up', async () => {
    const signals: AbortSignal[] = []
    const connector = fake({
      connect: (_, { signal }) => {
        signals.push(signal)
        return forever()
      },
    })
    const rr = new RoundRobin(['a', 'b'], connector, { hedgeMs: 100 })
    const run = rejection(rr.run(at))
    await pass(150)
    await rr.close()
    expect(await run).toMatchObject({ code: 'TOURNIQUET_CLOSED' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('standby', () => {
  test('G14 the next provider is connected once one is current, and taken without a dial when that is left', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true })
    const moves = movesOf(rr)
    const durations: number[] = []
    rr.on('failover', ({ durationMs }) => durations.push(durationMs))
    await rr.connect()
    await microtasks()
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'spare', 'idle'])
    await pass(10_000)
    connector.services[0]?.lost(reset)
    await microtasks()
    expect(rr.current).toBe('b')
    expect(await rr.run(at)).toBe('b')
    await microtasks()
    expect(connector.dials).toEqual(['a', 'b', 'c'])
    expect(moves).toEqual(['a > b (lost)'])
    expect(durations).toEqual([0])
  })

  test('a run whose provider is to blame goes on there in the same turn', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    await rr.connect()
    await microtasks()
    const tried: string[] = []
    const run = rr.run(({ source }) => {
      tried.push(source)
      if (source === 'a') throw refused
      return source
    })
    await microtasks()
    expect(tried).toEqual(['a', 'b'])
    expect(await run).toBe('b')
  })

  test('each service is announced once', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    const connects: unknown[] = []
    rr.on('connect', ({ provider }) => connects.push(provider))
    await rr.connect()
    await microtasks()
    connector.services[0]?.lost(reset)
    await microtasks()
    expect(connects).toEqual(['a', 'b', 'a'])
  })

  test('one that is down is passed over, and tried again with longer and longer rests', async () => {
    const { down, connect } = network()
    down.add('b').add('c')
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, backoff: { initialMs: 100, maxMs: 1000 } })
    await rr.connect()
    await pass(1)
    expect(connector.dials).toEqual(['a', 'b', 'c'])
    await pass(55) // half of 100, as Math.random says
    expect(connector.dials).toEqual(['a', 'b', 'c', 'b', 'c'])
    await pass(90)
    expect(connector.dials.length).toBe(5)
    await pass(20)
    expect(connector.dials.length).toBe(7)
    down.delete('c')
    await pass(500)
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'idle', 'spare'])
    const { length } = connector.dials
    await pass(10_000)
    expect(connector.dials.length).toBe(length)
  })

  test('the wait between rounds switched off does not make it spin', async () => {
    const { down, connect } = network()
    down.add('b')
    const connector = fake({ connect })
    const backoff = { initialMs: Number.POSITIVE_INFINITY }
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true, backoff })
    await rr.connect()
    await pass(1000)
    expect(connector.dials.length).toBeLessThan(25)
  })

  test('G9 the heartbeat finds a standby that is frozen, and another takes its place', async () => {
    let frozen = ''
    const probe = ({ source }: { source: string }) => (source === frozen ? forever() : undefined)
    const connector = fake({ probe })
    const fails: string[] = []
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, heartbeatMs: 100, probeTimeoutMs: 50 })
    rr.on('fail', ({ provider, phase }) => fails.push(`${provider} ${phase}`))
    await rr.connect()
    await pass(50)
    frozen = 'b'
    await pass(300)
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'idle', 'spare'])
    expect(fails).toEqual(['b probe'])
    expect(connector.disconnects).toEqual(['b'])
    expect(rr.current).toBe('a')
  })

  test('G10 a standby that is lost costs nobody anything', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    const moves = movesOf(rr)
    await rr.connect()
    await microtasks()
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('a')
    await pass(100)
    expect(connector.dials).toEqual(['a', 'b', 'b'])
    expect(moves).toEqual([])
  })

  test('G2 providers that connect but refuse never spin, though each has a standby', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true, backoff: { initialMs: 100, maxMs: 100 } })
    let attempts = 0
    const run = rejection<ExhaustedError>(
      rr.run(
        () => {
          attempts++
          throw refused
        },
        { maxAttempts: 7 },
      ),
    )
    await microtasks(500)
    expect(attempts).toBeLessThan(4)
    await pass(1000)
    expect(await run).toBeInstanceOf(ExhaustedError)
    expect(attempts).toBe(7)
  })

  test('the loser of a hedge becomes the standby', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 500)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, hedgeMs: 100 })
    await Promise.all([rr.connect(), pass(105)])
    expect(rr.current).toBe('b')
    await pass(500)
    expect(rr.providers.map(({ state }) => state)).toEqual(['spare', 'current', 'idle'])
    expect(connector.dials).toEqual(['a', 'b'])
    expect(connector.disconnects).toEqual([])
  })

  test('and so does a hedge that was slower', async () => {
    const { slowMs, connect } = network()
    slowMs.set('a', 150).set('b', 150)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true, hedgeMs: 100 })
    await Promise.all([rr.connect(), pass(300)])
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'spare', 'idle'])
    expect(connector.dials).toEqual(['a', 'b'])
  })

  test('failover() takes it', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true })
    const moves = movesOf(rr)
    await rr.connect()
    await microtasks()
    expect(await rr.failover()).toBe('b')
    await microtasks()
    expect(connector.dials).toEqual(['a', 'b', 'c'])
    expect(moves).toEqual(['a > b (manual)'])
    expect(connector.disconnects).toEqual(['a'])
  })

  test('failover() waits for a standby that is being dialled', async () => {
    const { slowMs, connect } = network()
    slowMs.set('b', 100)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { standby: true })
    await rr.connect()
    await microtasks()
    const [source] = await Promise.all([rr.failover(), pass(150)])
    expect(source).toBe('b')
    expect(connector.dials).toEqual(['a', 'b', 'c'])
  })

  test('who needs a service while it is being dialled is given that dial', async () => {
    const { slowMs, connect } = network()
    slowMs.set('b', 100)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    await rr.connect()
    await pass(50)
    connector.services[0]?.lost(reset)
    const run = rr.run(at)
    await pass(60)
    expect(await run).toBe('b')
    expect(connector.dials).toEqual(['a', 'b', 'a'])
  })

  test('setSources: one that is removed is disconnected, and another dialled', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    await rr.connect()
    await microtasks()
    rr.setSources(['a', 'c'])
    await microtasks()
    expect(connector.disconnects).toEqual(['b'])
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'spare'])
  })

  test('setSources: where the current one is removed, runs start at the first of the list, not at the standby', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    await rr.connect()
    await microtasks()
    rr.setSources(['c', 'b'])
    expect(await rr.run(at)).toBe('c')
    await microtasks()
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'spare'])
  })

  test('setSources: it is taken where it is the first', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true })
    await rr.connect()
    await microtasks()
    rr.setSources(['b', 'c'])
    expect(await rr.run(at)).toBe('b')
    await microtasks()
    expect(connector.dials).toEqual(['a', 'b', 'c'])
  })

  test('G7 close disconnects it, and leaves no timer', async () => {
    const { down, connect } = network()
    const connector = fake({ connect, probe: () => {} })
    const rr = new RoundRobin(['a', 'b'], connector, { standby: true, heartbeatMs: 100 })
    await rr.connect()
    await microtasks()
    connector.last().lost(reset)
    down.add('b')
    await pass(500)
    down.delete('b')
    await pass(5000)
    await rr.close()
    expect(connector.disconnects.sort()).toEqual(['a', 'b', 'b'])
    expect(rr.providers.map(({ state }) => state)).toEqual(['idle', 'idle'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a single provider has none', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a'], connector, { standby: true })
    await rr.connect()
    await pass(60_000)
    expect(connector.dials).toEqual(['a'])
  })
})

describe('failback', () => {
  const failback = { afterMs: 1000, intervalMs: 100 }

  /** `b` is current, since `a` was down at first. */
  async function onB(options = {}, more: Parameters<typeof fake>[0] = {}) {
    const { down, connect } = network()
    down.add('a')
    const connector = fake({ connect, ...more })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { failback, ...options })
    const moves = movesOf(rr)
    await rr.connect()
    expect(rr.current).toBe('b')
    return { rr, connector, down, moves }
  }

  test('an earlier provider is dialled every intervalMs until it is up, kept for afterMs, then taken', async () => {
    const { rr, connector, down, moves } = await onB()
    await pass(450)
    expect(connector.dials).toEqual(['a', 'b', 'a', 'a', 'a', 'a'])
    down.delete('a')
    await pass(100)
    expect(rr.providers.map(({ state }) => state)).toEqual(['spare', 'current', 'idle'])
    await pass(950)
    expect(moves).toEqual([])
    await pass(100)
    expect(moves).toEqual(['b > a (failback)'])
    expect(connector.disconnects).toEqual(['b'])
    await pass(10_000)
    expect(connector.dials.length).toBe(7)
  })

  test('what is in flight on the provider that is left may finish', async () => {
    const { rr, down } = await onB()
    down.delete('a')
    let finish = () => {}
    const slow = rr.run(({ source }) => new Promise((resolve) => (finish = () => resolve(source))))
    await pass(1500)
    expect(await rr.run(at)).toBe('a')
    finish()
    expect(await slow).toBe('b')
  })

  test('it is probed meanwhile, and must be well for the whole time', async () => {
    let isWell = true
    const probe = ({ source }: { source: string }) => {
      if (source === 'a' && !isWell) throw new Error('not well')
    }
    const { connector, down, moves } = await onB({}, { probe })
    down.delete('a')
    await pass(900)
    isWell = false
    await pass(150)
    isWell = true
    expect(connector.disconnects).toEqual(['a'])
    await pass(850)
    expect(moves).toEqual([])
    await pass(500)
    expect(moves).toEqual(['b > a (failback)'])
  })

  test('one that flaps is never taken', async () => {
    const { connector, down, moves } = await onB()
    down.delete('a')
    for (let time = 0; time < 20; time++) {
      await pass(600)
      connector.services.findLast(({ source }) => source === 'a')?.lost(reset)
    }
    expect(moves).toEqual([])
  })

  test('afterMs that is shorter than intervalMs is kept to', async () => {
    const { down, moves } = await onB({ failback: { afterMs: 50, intervalMs: 1000 } })
    down.delete('a')
    await pass(1040)
    expect(moves).toEqual([])
    await pass(30)
    expect(moves).toEqual(['b > a (failback)'])
  })

  test('it rests after a manual failover, until the next failure', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { failback })
    const moves = movesOf(rr)
    await rr.connect()
    await rr.failover()
    await pass(10_000)
    expect(connector.dials).toEqual(['a', 'b'])
    connector.last().lost(reset)
    expect(await rr.run(at)).toBe('c')
    await pass(1200)
    expect(moves).toEqual(['a > b (manual)', 'b > c (lost)', 'c > a (failback)'])
  })

  test('it takes the place of the standby, once it is up', async () => {
    const { rr, connector, down } = await onB({ standby: true })
    await pass(1)
    expect(rr.providers.map(({ state }) => state)).toEqual(['idle', 'current', 'spare'])
    await pass(500)
    expect(connector.disconnects).toEqual([])
    down.delete('a')
    await pass(150)
    expect(rr.providers.map(({ state }) => state)).toEqual(['spare', 'current', 'idle'])
    expect(connector.disconnects).toEqual(['c'])
    await pass(1200)
    expect(rr.current).toBe('a')
    await microtasks()
    expect(rr.providers.map(({ state }) => state)).toEqual(['current', 'spare', 'idle'])
  })

  test('it is taken at once where the current one is left', async () => {
    const { rr, connector, down, moves } = await onB()
    down.delete('a')
    await pass(300)
    connector.services[0]?.lost(reset)
    await microtasks()
    expect(rr.current).toBe('a')
    expect(moves).toEqual(['b > a (lost)'])
  })

  test('G12 an earlier provider that cools is not dialled', async () => {
    const { connector } = await onB({ cooldownMs: 2000 })
    await pass(1900)
    expect(connector.dials).toEqual(['a', 'b'])
    await pass(300)
    expect(connector.dials).toEqual(['a', 'b', 'a'])
  })

  test('a new list may have an earlier one, or none any more', async () => {
    const connector = fake()
    const rr = new RoundRobin(['a', 'b'], connector, { failback })
    const moves = movesOf(rr)
    await rr.connect()
    rr.setSources(['x', 'a'])
    await pass(500)
    expect(rr.providers.map(({ state }) => state)).toEqual(['spare', 'current'])
    rr.setSources(['a', 'x'])
    await pass(5000)
    expect(moves).toEqual([])
    expect(rr.current).toBe('a')
  })

  test('G7 close disconnects what was being proved, and leaves no timer', async () => {
    const { rr, connector, down } = await onB({ heartbeatMs: 50 }, { probe: () => {} })
    down.delete('a')
    await pass(300)
    await rr.close()
    expect(connector.disconnects.sort()).toEqual(['a', 'b'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('failover() with a list that changes', () => {
  test('one whose provider is removed while it is dialled goes on with another', async () => {
    const { slowMs, connect } = network()
    slowMs.set('b', 100)
    const connector = fake({ connect })
    const rr = new RoundRobin(['a', 'b', 'c'], connector, { failback: {}, standby: true })
    await rr.connect()
    await microtasks()
    const moving = rr.failover()
    await microtasks()
    rr.setSources(['a', 'c'])
    expect(await moving).toBe('c')
    expect(connector.dials.slice(0, 3)).toEqual(['a', 'b', 'c'])
  })
})
