import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { endOf, inTime, SOON_MS, STALL_MS, times, until } from '../words.ts'

const limits = { heartbeatMs: 200, probeTimeoutMs: 500 }
const LIMIT_MS = 3 * (limits.heartbeatMs + limits.probeTimeoutMs) + STALL_MS

/** Long enough for what else stalls on a busy machine, so that only our own stall is tried. */
const BLOCKED_PROBE_MS = 1000

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
    options: { heartbeatMs: 50, probeTimeoutMs: 3000 },
    async run(scene) {
      await scene.connect()
      const hanging = times(20, () => endOf(scene.run((asked) => asked.hang())))
      await until(
        () => scene.witness.probes.passed >= 4 || scene.moves.length > 0 || scene.current !== 'A',
        'G9 probe: it does not pass while an operation takes long; give it a connection of its own',
        10_000,
      )
      expect(scene.current, 'G9 the current provider while operations on it take long').toBe('A')
      await scene.close()
      await inTime(Promise.all(hanging), SOON_MS, 'G5 what was in flight is still pending after close()')
    },
  },
  {
    title: 'G9 our own event loop blocked for three probe time-outs while it probes: nobody is left',
    options: { heartbeatMs: 50, probeTimeoutMs: BLOCKED_PROBE_MS },
    isDirect: true,
    async run(scene) {
      // Once while the question is being sent, once when it was: what must be handled first differs.
      const stall = () => block(3 * BLOCKED_PROBE_MS)
      const ways = [stall, () => setImmediate(stall)]
      scene.witness.probing = () => ways.shift()?.()
      await scene.connect()
      const isOver = (): boolean => scene.witness.probes.passed >= 3 || scene.current !== 'A'
      await until(isOver, 'G9 probe: the heartbeat did not go on after a stall', 20_000)
      expect(scene.current, 'G9 the current provider after our own event loop was blocked').toBe('A')
      await scene.isServedBy('A')
      expect(scene.witness.dialled, 'G9 which providers connect() was called for').toEqual(['A'])
    },
  },
]
