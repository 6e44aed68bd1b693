import { ClosedError, TimeoutError } from '@tourniquet/core'
import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { type End, endOf, inTime, rejection, SOON_MS, STALL_MS, timed, times, until } from '../words.ts'

const PENDING =
  'G5 disconnect: what was in flight on its service is still pending; a disconnect must settle whatever is pending on it'

/** The first was in flight for certain; those after it may have waited for a slot in a pool. */
function expectOutcomesUnknown([first, ...others]: readonly End[]): void {
  expect(outcomeOf(first), 'G5 the outcome of what was cut off in flight').toBe('unknown')
  for (const end of others) {
    expect(['unknown', 'not-applied'], 'G5 the outcome of what was cut off').toContain(outcomeOf(end))
  }
}

/** What the error says; else how it ended, for the message. */
function outcomeOf(end: End | undefined): unknown {
  const { outcome } = ((end && errorOf(end)) ?? {}) as { outcome?: unknown }
  return outcome ?? end
}

/** What it rejected with; else how it ended, for the message. */
function errorOf(end: End): unknown {
  return 'error' in end ? end.error : end
}

export const settles: readonly Proof[] = [
  {
    title: 'G5 disconnect settles what is pending on the service',
    async run(scene) {
      await scene.connect()
      const hanging = times(5, () => endOf(scene.run((asked) => asked.hang())))
      await scene.a.isBusy(hanging.length)
      const closed = scene.close()
      expectOutcomesUnknown(await inTime(Promise.all(hanging), SOON_MS, PENDING))
      await inTime(closed, SOON_MS, 'G5 close() did not resolve')
    },
  },
  {
    title: 'G5 disconnect settles what is pending also where the server does not answer any more',
    async run(scene) {
      await scene.connect()
      const hanging = times(5, () => endOf(scene.run((asked) => asked.hang())))
      await scene.a.isBusy(hanging.length)
      await scene.a.server.freeze()
      const closed = scene.close()
      expectOutcomesUnknown(await inTime(Promise.all(hanging), SOON_MS, PENDING))
      await inTime(closed, SOON_MS, 'G5 close() did not resolve while the server was frozen')
    },
  },
  {
    title: 'G5 a connection that is lost settles what is in flight on it',
    async run(scene) {
      await scene.connect()
      const hanging = times(5, () => endOf(scene.run((asked) => asked.hang())))
      await scene.a.isBusy(hanging.length)
      await scene.a.server.kill()
      const words = 'G5 lost: A was killed, and what was in flight on it is still pending'
      expectOutcomesUnknown(await inTime(Promise.all(hanging), SOON_MS, words))
    },
  },
  {
    title: 'G5 a provider that accepts and says nothing costs connectTimeoutMs, and the next one serves',
    // On a busy machine the connect to B may take too long as well: then it is tried again.
    options: { connectTimeoutMs: 200, maxAttempts: Number.POSITIVE_INFINITY },
    async run(scene) {
      await scene.a.proxy.mute()
      const { value, ms } = await timed(() => scene.ask())
      expect(value, 'G5 who answers').toBe('B')
      expect(ms, 'G5 how long a mute provider held it up').toBeLessThan(3 * 200 + STALL_MS)
    },
  },
  {
    title: 'G5 with deadlineMs a frozen provider holds nobody up for longer than that, and is found out',
    options: { probeTimeoutMs: 200 },
    async run(scene) {
      await scene.connect()
      await scene.a.server.freeze()
      const { value: error, ms } = await timed(() =>
        rejection(
          scene.run((asked) => asked.who(), { deadlineMs: 200 }),
          'G5 a run on a frozen provider, with a deadline',
        ),
      )
      expect(error, 'G5 what the run rejects with').toBeInstanceOf(TimeoutError)
      expect(error, 'G5 what the run rejects with').toMatchObject({ limit: 'deadlineMs', outcome: 'unknown' })
      expect(ms, 'G5 how long a run with a deadline of 200 ms took').toBeLessThan(3 * 200 + STALL_MS)
      await until(() => scene.current !== 'A', 'G5 a deadline has passed on A, which is frozen, and A is still current')
      await scene.isServedBy('B')
    },
  },
  {
    title: 'G5 with attemptTimeoutMs an attempt on a frozen provider takes that and one probe, then the next serves',
    // The attempt on B has no longer than the one on A.
    options: { probeTimeoutMs: 200, attemptTimeoutMs: 2000, idempotent: true },
    async run(scene) {
      await scene.connect()
      await scene.a.server.freeze()
      const { value, ms } = await timed(() => scene.ask())
      expect(value, 'G5 who answers').toBe('B')
      expect(ms, 'G5 how long the run took').toBeLessThan(3 * (2000 + 200))
    },
  },
  {
    title: 'G5 with a signal a run ends when that aborts, whatever the service does, and the provider stays',
    async run(scene) {
      await scene.connect()
      const controller = new AbortController()
      const reason = new Error('enough')
      const { signal } = controller
      const hanging = endOf(scene.run((asked) => asked.hang(), { signal }))
      controller.abort(reason)
      const ends = Promise.all([hanging, endOf(scene.run((asked) => asked.who(), { signal }))])
      const [during, before] = await inTime(ends, SOON_MS, 'G5 a run whose signal has aborted did not settle')
      expect(errorOf(during), 'G5 what a run rejects with that is aborted in flight').toBe(reason)
      expect(errorOf(before), 'G5 what a run rejects with whose signal was aborted before').toBe(reason)
      expect(scene.current, 'G5 the current provider after a caller’s abort').toBe('A')
    },
  },
  {
    title: 'G5 close turns away at once who waits for a connect',
    async run(scene) {
      await scene.a.proxy.mute()
      const waiting = rejection(scene.ask(), 'G5 a run that waits for a connect, after close')
      await until(() => scene.a.proxy.accepted > 0, 'G5 nobody connected')
      const closed = scene.close()
      expect(await waiting, 'G5 what the run rejects with').toBeInstanceOf(ClosedError)
      await inTime(closed, SOON_MS, 'G5 close() did not resolve while a connect was under way')
    },
  },
]
