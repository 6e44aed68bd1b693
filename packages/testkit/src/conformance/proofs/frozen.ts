import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { endOf, inTime, SOON_MS, times, until } from '../words.ts'

const limits = { heartbeatMs: 200, probeTimeoutMs: 200 }
const LIMIT_MS = 3 * (limits.heartbeatMs + limits.probeTimeoutMs)

/** Nothing else of this process happens for so long. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

export const frozen: readonly Proof[] = [
  {
    title: 'G9 a frozen provider is left within heartbeatMs + probeTimeoutMs, and what is in flight on it goes on',
    options: { ...limits, idempotent: true },
    async run(scene) {
      await scene.connect()
      await scene.a.server.freeze()
      const { probes } = scene.witness
      const passed = probes.passed
      const startedAt = performance.now()
      const answers = endOf(Promise.all(times(50, () => scene.ask())))
      await until(() => scene.current !== 'A', 'G9 A is frozen, and is still current', LIMIT_MS).catch((error) => {
        const since = probes.passed - passed
        const why =
          since > 0 ? `probe: it passed ${since} times meanwhile, so it does not ask the server` : 'probe: none passed'
        throw new Error(`${error.message}; ${why}`)
      })
      const end = await inTime(answers, SOON_MS, 'G9 what was in flight on a frozen provider that was left')
      expect(end, 'G9 what became of the idempotent runs that were in flight').toEqual({ value: times(50, () => 'B') })
      expect(performance.now() - startedAt, 'G9 how long a frozen provider held them up').toBeLessThan(LIMIT_MS)
      expect(scene.moves, 'G9 why A was left').toEqual(['probe'])
    },
  },
  {
    title: 'G9 operations that take long, however many, are not taken for a frozen provider',
    options: { heartbeatMs: 50, probeTimeoutMs: 1000 },
    async run(scene) {
      await scene.connect()
      const hanging = times(20, () => endOf(scene.run((asked) => asked.hang())))
      await until(
        () => scene.witness.probes.passed >= 4 || scene.moves.length > 0 || scene.current !== 'A',
        'G9 probe: it does not pass while an operation takes long; give it a connection of its own',
        5000,
      )
      expect(scene.current, 'G9 the current provider while operations on it take long').toBe('A')
      await scene.close()
      await inTime(Promise.all(hanging), SOON_MS, 'G5 what was in flight is still pending after close()')
    },
  },
  {
    title: 'G9 our own event loop blocked for three probe time-outs while it probes: nobody is left',
    options: { heartbeatMs: 50, probeTimeoutMs: 300 },
    isDirect: true,
    async run(scene) {
      // Now while the question is being sent, now once it was: what must be handled first differs.
      const ways = [() => block(3 * 300), () => setImmediate(() => block(3 * 300))]
      scene.witness.probing = () => ways[scene.witness.probes.begun % 2]?.()
      await scene.connect()
      const isOver = (): boolean => scene.witness.probes.begun >= 6 || scene.current !== 'A'
      await until(isOver, 'G9 probe: the heartbeat did not go on after a stall', 10_000)
      scene.witness.probing = () => {}
      expect(scene.current, 'G9 the current provider after our own event loop was blocked').toBe('A')
      await scene.isServedBy('A')
      expect(scene.witness.dialled, 'G9 which providers connect() was called for').toEqual(['A'])
    },
  },
]
