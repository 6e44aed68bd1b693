import {
  type FaultProxy,
  type LineClient,
  type LineServer,
  lineConnector,
  startLineServer,
  startProxy,
  waitFor,
} from '@tourniquet/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { type Options, OutcomeUnknownError, RoundRobin } from '../src/index.ts'
import { rejection } from './fake.ts'

// On real servers: child processes, TCP, signals, and the fault proxy in between.

interface Provider {
  readonly server: LineServer
  readonly proxy: FaultProxy
}

/** Line servers, each behind a proxy that counts, and a `RoundRobin` over them. All gone after the test. */
async function setUp(count: number, options?: Options) {
  const start = async (name: string): Promise<Provider> => {
    const server = await startLineServer({ name })
    onTestFinished(() => server.stop())
    const proxy = await startProxy(server)
    onTestFinished(() => proxy.close())
    return { server, proxy }
  }
  const names = ['A', 'B', 'C'].slice(0, count)
  const providers = await Promise.all(names.map(start))
  const rr = new RoundRobin(
    providers.map(({ proxy }) => proxy.url),
    lineConnector(),
    options,
  )
  onTestFinished(() => rr.close({ drainMs: 0 }))
  const failovers: { reason: string; durationMs: number }[] = []
  rr.on('failover', ({ reason, durationMs }) => failovers.push({ reason, durationMs }))
  return { rr, providers: providers as [Provider, Provider, ...Provider[]], failovers }
}

const who = (client: LineClient) => client.request('WHO')
const accepted = (providers: readonly Provider[]) => providers.map(({ proxy }) => proxy.accepted)

test('G1 G14 one provider is used until it dies, then the next, and round', async () => {
  const { rr, providers } = await setUp(3)
  for (const [index, name] of ['A', 'B', 'C'].entries()) {
    for (let run = 0; run < 3; run++) expect(await rr.run(who)).toBe(name)
    await providers[index]?.server.kill()
    if (name !== 'C') await waitFor(() => rr.current === undefined)
  }
  await providers[0].server.restart()
  expect(await rr.run(who, { maxAttempts: 9 })).toBe('A')
  expect(accepted(providers)).toEqual([2, 1, 1])
})

test('G2 1,000 idempotent runs in flight when A is killed: 1,000 results, 1 connect to B, 0 dials to A', async () => {
  const { rr, providers, failovers } = await setUp(2)
  const [a, b] = providers
  await rr.connect()
  const runs = Array.from({ length: 1000 }, (_, id) =>
    rr.run((client) => client.request(`EXEC ${id} 500`), { idempotent: true }),
  )
  await waitFor(async () => (await a.server.ledger()).length === 1000)
  await a.server.kill()
  expect((await Promise.all(runs)).length).toBe(1000)
  expect(accepted(providers)).toEqual([1, 1])
  expect(failovers.length).toBe(1)
  expect(new Set(await b.server.ledger()).size).toBe(1000)
})

test('G6 a reply that is lost after the operation was applied: applied once, and the outcome is unknown', async () => {
  const { rr, providers } = await setUp(2)
  const [a, b] = providers
  await a.proxy.dropReply('OK 1')
  const error = await rejection<OutcomeUnknownError>(rr.run((client) => client.request('EXEC once')))
  expect(error).toBeInstanceOf(OutcomeUnknownError)
  expect(error.outcome).toBe('unknown')
  expect(await rr.run(who)).toBe('B')
  expect([await a.server.ledger(), await b.server.ledger()]).toEqual([['once'], []])
})

test("G4 the caller's error is a reply like any other: the provider stays", async () => {
  const { rr, providers } = await setUp(2)
  expect(await rejection(rr.run((client) => client.request('FAIL NOTFOUND')))).toMatchObject({ word: 'NOTFOUND' })
  expect(await rr.run(who)).toBe('A')
  expect(accepted(providers)).toEqual([1, 0])
})

test('G5 a provider that accepts and says nothing costs connectTimeoutMs, and the next one serves', async () => {
  const { rr, providers } = await setUp(2, { connectTimeoutMs: 200 })
  await providers[0].proxy.mute()
  const startedAt = performance.now()
  expect(await rr.run(who)).toBe('B')
  expect(performance.now() - startedAt).toBeLessThan(3 * 200)
})

test('G5 with a deadline a frozen provider holds nobody up for longer than that', async () => {
  const { rr, providers } = await setUp(2, { probeTimeoutMs: 200 })
  await rr.connect()
  await providers[0].server.freeze()
  const startedAt = performance.now()
  const error = await rejection(rr.run(who, { deadlineMs: 200 }))
  expect(error).toMatchObject({ limit: 'deadlineMs', outcome: 'unknown' })
  expect(performance.now() - startedAt).toBeLessThan(3 * 200)
  // The background check finds it out, so that the next run goes elsewhere.
  await waitFor(() => rr.current === undefined)
  expect(await rr.run(who)).toBe('B')
})

test('G7 after close no socket is left, whatever happened before', async () => {
  const { rr, providers } = await setUp(3)
  await rr.run(who)
  await rr.failover()
  providers[1].proxy.cut()
  await waitFor(() => rr.current === undefined)
  const pending = rejection(rr.run((client) => client.request('HANG')))
  await waitFor(() => rr.current !== undefined)
  await rr.close({ drainMs: 0 })
  await pending
  await waitFor(() => providers.every(({ proxy }) => proxy.open === 0))
  expect(accepted(providers)).toEqual([1, 1, 1])
})

test('G8 when all are down the error names each; once one is back, runs succeed within the backoff cap', async () => {
  const { rr, providers } = await setUp(2, { backoff: { initialMs: 20, maxMs: 200 } })
  for (const { server } of providers) await server.kill()
  const error = await rejection(rr.run(who))
  expect(error).toMatchObject({ code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied', attempts: { length: 3 } })
  const waiting = rr.run(who, { maxAttempts: Number.POSITIVE_INFINITY })
  await providers[1].server.restart()
  const backAt = performance.now()
  expect(await waiting).toBe('B')
  expect(performance.now() - backAt).toBeLessThan(3 * 200)
})

test('G9 a frozen provider is left within heartbeatMs + probeTimeoutMs, and what hung on it settles', async () => {
  const limits = { heartbeatMs: 200, probeTimeoutMs: 200 }
  const { rr, providers, failovers } = await setUp(2, { ...limits, idempotent: true })
  await rr.connect()
  await providers[0].server.freeze()
  const frozenAt = performance.now()
  const runs = Array.from({ length: 50 }, () => rr.run(who))
  expect(new Set(await Promise.all(runs))).toEqual(new Set(['B']))
  expect(performance.now() - frozenAt).toBeLessThan(3 * (limits.heartbeatMs + limits.probeTimeoutMs))
  expect(failovers).toMatchObject([{ reason: 'probe' }])
})

/** Nothing else of this process happens for so long. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('G9 our own event loop blocked for three probe time-outs while it probes: nobody is left', async () => {
  // Without the proxies: they live in this process, and would be blocked too.
  const { providers } = await setUp(2)
  const connector = lineConnector()
  let dials = 0
  let probes = 0
  const rr = new RoundRobin(
    providers.map(({ server }) => server.url),
    {
      ...connector,
      connect: (source: string, context) => {
        dials++
        return connector.connect(source, context)
      },
      probe: (client, context) => {
        const probe = connector.probe(client, context)
        block(3 * 100)
        probes++
        return probe
      },
    },
    { heartbeatMs: 50, probeTimeoutMs: 100 },
  )
  onTestFinished(() => rr.close())
  await rr.connect()
  await waitFor(() => probes === 4)
  expect(await rr.run(who)).toBe('A')
  expect(dials).toBe(1)
})

test('G9 an answer that arrived while our event loop was blocked beyond the limit counts', async () => {
  const { providers } = await setUp(2)
  const direct = new RoundRobin([providers[0].server.url], lineConnector())
  onTestFinished(() => direct.close())
  await direct.connect()
  for (const limit of ['deadlineMs', 'attemptTimeoutMs']) {
    const run = direct.run(
      (client) => {
        const answer = who(client)
        block(150)
        return answer
      },
      { [limit]: 50 },
    )
    expect(await run).toBe('A')
  }
})

test('G10 a provider that dies while idle costs no failed run', async () => {
  const { rr, providers } = await setUp(2)
  await rr.run(who)
  await providers[0].server.kill()
  await waitFor(() => rr.current === undefined)
  expect(await Promise.all([rr.run(who), rr.run(who)])).toEqual(['B', 'B'])
  expect(accepted(providers)).toEqual([1, 1])
})

test('G12 a provider that goes up and down is dialled at most once per cool-down', async () => {
  const { rr, providers } = await setUp(2, { cooldownMs: 60_000, maxAttempts: 9, backoff: { maxMs: 20 } })
  const [a, b] = providers
  await a.proxy.reset()
  expect(await rr.run(who, { idempotent: true })).toBe('B')
  await a.proxy.pass()
  const dialled = a.proxy.accepted
  for (let time = 0; time < 3; time++) expect(await rr.run(who)).toBe('B')
  expect(a.proxy.accepted).toBe(dialled)
  b.proxy.cut()
  await waitFor(() => rr.current === undefined)
  // All are cooling now: the one that cools first is tried.
  expect(await rr.run(who)).toBe('A')
  expect(b.proxy.accepted).toBe(1)
})

test('G13 an attempt stays on its provider: what began on A ends on A, though runs go to B meanwhile', async () => {
  const { rr, providers } = await setUp(2)
  const steps: string[] = []
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const long = rr.run(async (client) => {
    steps.push(await who(client))
    await gate
    steps.push(await who(client))
  })
  await waitFor(() => steps.length === 1)
  expect(await rr.failover()).toBe(providers[1].proxy.url)
  expect(await rr.run(who)).toBe('B')
  goOn()
  await long
  expect(steps).toEqual(['A', 'A'])
})
