import type { RoundRobin as CoreRoundRobin } from '@tourniquet/core'
import { type ChildServer, type FaultProxy, startProxy, waitFor } from '@tourniquet/testkit'
import { RoundRobin } from '../cost/shipped.ts'
import type { Scenario } from './scenarios.ts'
import type { Subject } from './subject.ts'
import { watched } from './watched.ts'

/** A real server, and the network before it. */
interface Provider {
  readonly server: ChildServer
  readonly proxy: FaultProxy
}

export interface Stage<Service> {
  readonly a: Provider
  readonly b: Provider
  readonly rr: CoreRoundRobin<string, Service>
  /** Resolves once A has passed another probe. */
  readonly untilProbed: () => Promise<unknown>
  /** Leaves nothing behind. */
  close(): Promise<void>
}

async function startProvider(subject: Subject<unknown>, name: string): Promise<Provider> {
  const server = await subject.start(name)
  return { server, proxy: await startProxy(server.url) }
}

/** Two providers, and a `RoundRobin` over them. */
export async function setUp<Service>(subject: Subject<Service>, scenario: Scenario): Promise<Stage<Service>> {
  const [a, b] = await Promise.all([startProvider(subject, 'A'), startProvider(subject, 'B')])
  const { delayMs, fault, options } = scenario
  let probes = 0
  const connector = watched(subject.connector(), {
    // Only the connect is slow: the calls on it would be, too, in both of what is compared.
    connected: (source) => {
      if (source === b.proxy.url) void b.proxy.pass()
    },
    probed: (source) => {
      if (source === a.proxy.url) probes += 1
    },
  })
  const untilProbed = (before = probes) => waitFor(() => probes > before, { what: 'a probe of A' })
  if (delayMs !== undefined) await b.proxy.delay(delayMs)
  if (fault === 'mute') await a.proxy.mute()
  const sources = [a.proxy.url, b.proxy.url]
  const rr = new RoundRobin(sources, connector, { ...options, idempotent: true })
  const close = async () => {
    await rr.close({ drainMs: 0 })
    await Promise.all([a, b].map(({ proxy }) => proxy.close()))
    await Promise.all([a, b].map(({ server }) => server[Symbol.asyncDispose]()))
  }
  return { a, b, rr, untilProbed, close }
}
