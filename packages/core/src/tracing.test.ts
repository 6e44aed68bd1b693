import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, onTestFinished, test } from 'vitest'
import { failure, fake, microtasks, rejection } from '../test/fake.ts'
import { RoundRobin } from './index.ts'
import { trace } from './tracing.ts'

/** What is published on `tourniquet:<name>`, until the test has finished. */
function published(name: string): unknown[] {
  const messages: unknown[] = []
  const listener = (message: unknown) => void messages.push(message)
  subscribe(`tourniquet:${name}`, listener)
  onTestFinished(() => void unsubscribe(`tourniquet:${name}`, listener))
  return messages
}

test('every event is published on its channel, as a listener gets it', async () => {
  const events = ['connect', 'fail', 'failover', 'disconnect', 'exhausted', 'close'] as const
  const channels = new Map(events.map((name) => [name, published(name)]))
  const rr = new RoundRobin(['a', 'b'], fake(), { name: 'orders' })
  const heard = new Map(events.map((name) => [name, [] as unknown[]]))
  for (const name of events) rr.on(name, (event) => heard.get(name)?.push(event))
  trace(rr)
  await rejection(rr.run(() => Promise.reject(failure('ECONNREFUSED'))))
  await rr.connect()
  await rr.close()
  for (const name of events) expect(channels.get(name)?.length, name).toBeGreaterThan(0)
  expect(channels).toEqual(heard)
  expect(channels.get('failover')?.[0]).toMatchObject({ name: 'orders', provider: 'b', from: 'a', to: 'b' })
})

test('it ends when told so', async () => {
  const messages = published('connect')
  const rr = new RoundRobin(['a'], fake())
  const end = trace(rr)
  end()
  await rr.connect()
  expect(messages).toEqual([])
})

test('without a subscriber nothing is published', async () => {
  const rr = new RoundRobin(['a'], fake())
  trace(rr)
  await rr.connect()
  await rr.close()
  const late = published('connect')
  await microtasks()
  expect(late).toEqual([])
})
