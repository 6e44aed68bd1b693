import { expect, test } from 'vitest'
import { failure, fake, microtasks } from '../test/fake.ts'
import { type Events, RoundRobin } from './index.ts'

test('each event says which provider, and what happened', async () => {
  const connector = fake({
    disconnect: ({ source }) => (source === 'b' ? Promise.reject(new Error('stuck')) : undefined),
  })
  const rr = new RoundRobin(['a', 'b'], connector, { name: 'billing', maxAttempts: 1 })
  const seen: string[] = []
  const names: (keyof Events)[] = ['connect', 'fail', 'failover', 'disconnect', 'exhausted', 'close']
  for (const name of names) {
    rr.on(name, (event) => {
      expect(event.name).toBe('billing')
      expect(event.source).toBe(event.provider)
      seen.push(`${name} ${event.provider}`)
    })
  }
  const lost = failure('ECONNREFUSED')
  rr.on('fail', (event) => expect(event).toMatchObject({ error: lost, phase: 'run', verdict: 'next' }))
  rr.on('failover', (event) => {
    expect(event).toMatchObject({ from: 'a', to: 'b', reason: 'error', error: lost })
    expect(event.durationMs).toBeGreaterThanOrEqual(0)
    expect(rr.current).toBe('b')
  })
  rr.on('connect', (event) => expect([event.durationMs >= 0, rr.current]).toEqual([true, event.provider]))
  await rr.run(() => Promise.reject(lost)).catch(() => {})
  await rr.connect()
  await rr.close()
  expect(seen).toEqual([
    'connect a',
    'fail a',
    'exhausted a',
    'disconnect a',
    'connect b',
    'failover b',
    'disconnect b',
    'close b',
  ])
})

test('a listener that throws, or rejects, harms nothing', async () => {
  const rr = new RoundRobin(['a'], fake())
  let calls = 0
  rr.on('connect', () => {
    throw new Error('mine')
  })
  rr.on('connect', () => Promise.reject(new Error('mine')))
  rr.on('connect', () => calls++)
  expect(await rr.run(({ source }) => source)).toBe('a')
  await microtasks()
  expect(calls).toBe(1)
})

test('on returns what removes the listener; a listener may be added twice', async () => {
  const rr = new RoundRobin(['a'], fake())
  let calls = 0
  const listener = () => calls++
  const remove = rr.on('connect', listener)
  rr.on('connect', listener)
  remove()
  remove()
  await rr.connect()
  expect(calls).toBe(1)
})

test('an unknown event, or no function, is refused', () => {
  const rr = new RoundRobin(['a'], fake())
  expect(() => rr.on('conect' as never, () => {})).toThrow(/no event conect; there are connect, fail, failover/)
  expect(() => rr.on('connect', 7 as never)).toThrow(/listener of connect must be a function/)
})
