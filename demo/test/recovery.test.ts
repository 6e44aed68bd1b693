import { RoundRobin } from '@tourniquet/core'
import { expect, test } from 'vitest'
import { Calls } from '../src/calls.ts'
import { Recoveries } from '../src/recovery.ts'

const { signal } = new AbortController()

/** A `RoundRobin` whose provider can be lost, and what is kept of it. */
async function watched() {
  const losses = new Map<string, () => void>()
  const roundRobin = new RoundRobin(['A', 'B'], {
    connect: (source: string, { lost }) => {
      losses.set(source, lost)
      return source
    },
  })
  await roundRobin.connect()
  const calls = new Calls()
  return { calls, losses, roundRobin, recoveries: new Recoveries({ roundRobin }, calls) }
}

test('counts the first call that another provider acknowledged, and when the engine knew', async () => {
  const { calls, losses, roundRobin, recoveries } = await watched()
  const recovery = recoveries.watch('faults', { what: 'kill A' }, signal, 'A')
  losses.get('A')?.()
  const call = calls.begin(true)
  calls.send(call, 'A')
  calls.send(call, 'B')
  calls.succeed(call)
  expect(await recovery).toEqual({ what: 'kill A', next: 'B', ms: expect.any(Number), knownMs: expect.any(Number) })
  expect(recoveries.faults).toHaveLength(1)
  await roundRobin.close()
})

test('counts neither what the victim acknowledges, nor what was sent to another before the fault', async () => {
  const { calls, roundRobin, recoveries } = await watched()
  const before = calls.begin(true)
  calls.send(before, 'B')
  while (performance.now() <= before.sentAt); // so that the fault is later, however coarse the clock
  const recovery = recoveries.watch('faults', { what: 'kill A' }, signal, 'A')
  calls.succeed(before)
  const [toVictim, after] = [calls.begin(true), calls.begin(true)]
  calls.send(toVictim, 'A')
  calls.succeed(toVictim)
  let isOver = false
  void recovery.then(() => {
    isOver = true
  })
  await new Promise(setImmediate)
  expect(isOver).toBe(false)
  calls.send(after, 'B')
  calls.succeed(after)
  expect(await recovery).toMatchObject({ next: 'B' })
  await roundRobin.close()
})
