import { expect, test } from 'vitest'
import { RoundRobin } from '../src/index.ts'
import { fake } from './fake.ts'

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** Long enough for ten turns of the event loop, also where the machine stands still for a moment. */
const PROBE_MS = 300

/** Holds up our own event loop. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('G9 a probe that takes several turns of an event loop that was blocked is not taken for a silent provider', async () => {
  let probes = 0
  const connector = fake({
    async probe() {
      probes++
      // As a protocol with frames: asked in one turn, read in the next ones.
      for (let turns = 0; turns < 10; turns++) {
        if (probes === 1 && turns === 2) block(5 * PROBE_MS)
        await turn()
      }
    },
  })
  const rr = new RoundRobin(['a', 'b'], connector, { heartbeatMs: 5, probeTimeoutMs: PROBE_MS })
  await rr.connect()
  while (probes < 3) await turn()
  expect(rr.current).toBe('a')
  await rr.close()
})
