import { getEventListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Proof, Scene } from '../scene.ts'
import { endOf, inTime, rejection, SOON_MS, until } from '../words.ts'

/** Throws in words, if a service or a socket is left. */
async function expectNothingLeft(scene: Scene): Promise<void> {
  await inTime(scene.close(), SOON_MS, 'G7 close() did not resolve')
  const [leak] = await scene.leaks()
  if (leak !== undefined) throw new Error(`G7 ${leak}`)
}

/** How many timers keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}

/** On a busy machine the connect to B may take too long as well: then it is tried again. */
const busy = { maxAttempts: Number.POSITIVE_INFINITY }

export const noLeak: readonly Proof[] = [
  {
    title: 'G7 each service is disconnected exactly once, and no socket is left: after a failover, a loss, a close',
    providers: 3,
    async run(scene) {
      await scene.ask()
      await scene.failover()
      await until(() => scene.a.proxy.open === 0, 'G7 a socket to A is still open, though runs go to B and A is idle')
      scene.b.proxy.cut()
      await until(() => scene.current !== 'B', 'G7 lost: the connection to B was reset, and B is still current')
      await scene.isServedBy('C')
      const hanging = endOf(scene.run((asked) => asked.hang()))
      await expectNothingLeft(scene)
      await inTime(hanging, SOON_MS, 'G7 what was in flight is still pending after close()')
      expect(scene.witness.dialled, 'G7 which providers connect() was called for').toEqual(['A', 'B', 'C'])
    },
  },
  {
    title: 'G7 a connect that is given up leaves no socket: to a provider that accepts and says nothing',
    options: { connectTimeoutMs: 200, ...busy },
    async run(scene) {
      await scene.a.proxy.mute()
      await scene.isServedBy('B')
      const [toA] = scene.witness.dials
      const words = 'G7 connect: it ignores its signal; it was given up and still goes on'
      await until(() => toA?.state !== 'pending', words)
      await until(() => scene.a.proxy.open === 0, 'G7 connect: its signal aborted, and its socket is still open')
      await expectNothingLeft(scene)
    },
  },
  {
    title: 'G7 a service that opens too late is disconnected',
    options: { connectTimeoutMs: 300, ...busy },
    async run(scene) {
      scene.witness.isFirstLate = true
      await scene.isServedBy('B')
      const [toA] = scene.witness.dials
      const words = 'G7 the service that connect() opened to A, too late, was not disconnected'
      await until(() => toA?.disconnects === 1 && scene.a.proxy.open === 0, words)
      await expectNothingLeft(scene)
    },
  },
  {
    title: 'G7 a close while connecting leaves nothing',
    async run(scene) {
      await scene.a.proxy.mute()
      const waiting = endOf(scene.ask())
      await until(() => scene.a.proxy.accepted > 0, 'G7 nobody connected')
      await expectNothingLeft(scene)
      await waiting
    },
  },
  {
    title: 'G7 a run that its caller aborts leaves no listener on his signal',
    async run(scene) {
      const controller = new AbortController()
      const { signal } = controller
      await scene.run((asked) => asked.who(), { signal })
      expect(getEventListeners(signal, 'abort').length, 'G7 listeners on the signal of a run that is over').toBe(0)
      const hanging = endOf(scene.run((asked) => asked.hang(), { signal }))
      controller.abort()
      await inTime(hanging, SOON_MS, 'G7 an aborted run did not settle')
      expect(getEventListeners(signal, 'abort').length, 'G7 listeners on the signal of an aborted run').toBe(0)
      await expectNothingLeft(scene)
    },
  },
  {
    title: 'G7 after close no timer is left that keeps the process alive',
    options: { attemptTimeoutMs: 60_000, deadlineMs: 60_000, cooldownMs: 60_000 },
    async run(scene) {
      await nextTurn() // the timer of the test itself is there by then
      const before = timers()
      await scene.ask()
      const hanging = endOf(scene.run((asked) => asked.hang()))
      await scene.failover()
      await scene.isServedBy('B')
      await expectNothingLeft(scene)
      await inTime(hanging, SOON_MS, 'G7 what was in flight is still pending after close()')
      // Not `until`, which has timers of its own.
      for (const end = performance.now() + SOON_MS; timers() > before && performance.now() < end; ) await nextTurn()
      expect(timers() - before, 'G7 timers that are left after close()').toBeLessThanOrEqual(0)
    },
  },
  {
    title: 'G7 nothing is answered after close',
    async run(scene) {
      const kept = await scene.run(async (asked) => asked)
      expect(await kept.who(), 'G7 who answers before close()').toBe('A')
      await inTime(scene.close(), SOON_MS, 'G7 close() did not resolve')
      const words = 'G7 disconnect: a service that was disconnected must answer no more'
      await rejection(kept.who(), words)
      await rejection(scene.ask(), 'G7 a run after close()')
      await expectNothingLeft(scene)
    },
  },
]
