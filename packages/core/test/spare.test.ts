import {
  type FaultProxy,
  type LineClient,
  lineConnector,
  startLineServer,
  startProxy,
  waitFor,
} from '@tourniquet/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { type Options, RoundRobin } from '../src/index.ts'

// The spare on real servers: what it saves when a provider is lost, and what it leaves behind.

const who = (client: LineClient) => client.request('WHO')

/** Line servers, each behind a proxy. All gone after the test. */
async function providers(...names: string[]) {
  return await Promise.all(
    names.map(async (name) => {
      const server = await startLineServer({ name })
      onTestFinished(() => server.stop())
      const proxy = await startProxy(server)
      onTestFinished(() => proxy.close())
      return { server, proxy }
    }),
  )
}

function connect(those: readonly { readonly proxy: FaultProxy }[], options: Options) {
  const sources = those.map(({ proxy }) => proxy.url)
  const rr = new RoundRobin(sources, lineConnector(), options)
  onTestFinished(() => rr.close({ drainMs: 0 }))
  return rr
}

const accepted = (those: readonly { readonly proxy: FaultProxy }[]) => those.map(({ proxy }) => proxy.accepted)
const states = (rr: RoundRobin<string, LineClient>) => rr.providers.map(({ state }) => state)

/** From the loss of the current provider to the first success, where each connect takes `dialMs`. */
async function outageMs(dialMs: number, options: Options): Promise<{ ms: number; dials: number }> {
  const those = await providers('A', 'B')
  const rr = connect(those, { idempotent: true, ...options })
  await rr.connect()
  if (options.standby) await waitFor(() => states(rr)[1] === 'spare')
  await Promise.all(those.map(({ proxy }) => proxy.delayDial(dialMs)))
  expect(await rr.run(who)).toBe('A')
  const dialled = accepted(those)[1] ?? 0
  const answered = new Promise<number>((resolve, reject) => {
    // From then on: what a kill takes until it is noticed is the same for all.
    rr.on('fail', ({ phase }) => {
      if (phase !== 'lost') return
      const lostAt = performance.now()
      rr.run(who).then((name) => (name === 'B' ? resolve(performance.now() - lostAt) : reject(new Error(name))), reject)
    })
  })
  await those[0]?.server.kill()
  return { ms: await answered, dials: (accepted(those)[1] ?? 0) - dialled }
}

test('G2 with standby a failover needs no dial, and takes a tenth of the time of one at most', async () => {
  const without = await outageMs(500, {})
  expect(without.dials).toBe(1)
  expect(without.ms).toBeGreaterThan(490)
  // Nobody waits for such a dial; and a tenth of it is more than a busy machine stands still.
  const standby = await outageMs(60_000, { standby: true })
  expect(standby.dials).toBe(0)
  expect(standby.ms).toBeLessThan(60_000 / 10)
})

test('G2 G7 a slow dial is hedged: two dials at most, and of the loser no socket is left', async () => {
  const those = await providers('A', 'B', 'C')
  await those[0]?.proxy.mute()
  const rr = connect(those, { hedgeMs: 50 })
  const startedAt = performance.now()
  expect(await rr.run(who)).toBe('B')
  expect(performance.now() - startedAt).toBeLessThan(3 * 50 + 3000) // where the machine stands still, too; the dial to A has 5000 ms
  expect(accepted(those)).toEqual([1, 1, 0])
  await waitFor(() => those[0]?.proxy.open === 0)
  expect(those.map(({ proxy }) => proxy.open)).toEqual([0, 1, 0])
})

test('G10 a standby that dies, and comes back, costs no run anything', async () => {
  const those = await providers('A', 'B')
  const rr = connect(those, { standby: true, backoff: { initialMs: 20, maxMs: 100 } })
  await rr.connect()
  await waitFor(() => states(rr)[1] === 'spare')
  await those[1]?.server.kill()
  await waitFor(() => states(rr)[1] === 'idle')
  expect(await rr.run(who)).toBe('A')
  await those[1]?.server.restart()
  await waitFor(() => states(rr)[1] === 'spare')
  expect(await rr.run(who)).toBe('A')
  expect(accepted(those)[0]).toBe(1)
})

test('G9 a standby that freezes is found by the heartbeat, before it is needed', async () => {
  const those = await providers('A', 'B', 'C')
  // A run may go to A before its loss is seen.
  const rr = connect(those, { standby: true, heartbeatMs: 100, probeTimeoutMs: 500, idempotent: true })
  await rr.connect()
  await waitFor(() => states(rr)[1] === 'spare')
  await those[1]?.server.freeze()
  await waitFor(() => states(rr)[2] === 'spare', { timeoutMs: 3 * (100 + 500) + 3000 })
  await those[0]?.server.kill()
  expect(await rr.run(who)).toBe('C')
})

test('failback: once the first provider has been back and well for afterMs, and not before', async () => {
  const failback = { afterMs: 400, intervalMs: 50 }
  const those = await providers('A', 'B')
  const rr = connect(those, { failback })
  const moves: { reason: string; at: number }[] = []
  rr.on('failover', ({ reason }) => moves.push({ reason, at: performance.now() }))
  let backAt = Number.POSITIVE_INFINITY
  rr.on('connect', ({ source }) => {
    if (source === those[0]?.proxy.url) backAt = performance.now()
  })
  await rr.connect()
  await those[0]?.server.kill()
  await waitFor(async () => (await rr.run(who)) === 'B')
  await those[0]?.server.restart()
  const long = rr.run((client) => client.request('EXEC long 800'))
  await waitFor(() => rr.current === those[0]?.proxy.url)
  expect(await rr.run(who)).toBe('A')
  expect(await long).toBe('1') // what was in flight on B has finished there
  expect(moves.map(({ reason }) => reason)).toEqual(['lost', 'failback'])
  // Timers may fire up to 1 ms early.
  expect((moves[1]?.at ?? 0) - backAt).toBeGreaterThan(failback.afterMs - 2)
})

test('failback: a provider that flaps is gone back to at most once per afterMs', async () => {
  const failback = { afterMs: 200, intervalMs: 20 }
  const those = await providers('A', 'B')
  const rr = connect(those, { failback, idempotent: true })
  const moves: number[] = []
  rr.on('failover', ({ reason }) => reason === 'failback' && moves.push(performance.now()))
  await rr.connect()
  for (let turn = 0; moves.length < 4; turn++) {
    // Now shorter than afterMs, now longer.
    const lives = performance.now() + (turn % 2 === 0 ? 100 : 400)
    await waitFor(async () => (await rr.run(who)) !== undefined && performance.now() > lives)
    those[0]?.proxy.cut()
  }
  const gaps = moves.slice(1).map((at, index) => at - (moves[index] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(failback.afterMs)
})

test('G7 after close no socket is left of a current service, a standby and a hedge', async () => {
  const those = await providers('A', 'B', 'C')
  const rr = connect(those, { standby: true, hedgeMs: 20, failback: { intervalMs: 20 } })
  await those[0]?.proxy.delayDial(300)
  await rr.connect()
  await waitFor(() => states(rr).includes('spare'))
  await rr.close()
  await waitFor(() => those.every(({ proxy }) => proxy.open === 0))
  expect(states(rr)).toEqual(['idle', 'idle', 'idle'])
})
