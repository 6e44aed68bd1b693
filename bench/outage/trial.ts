import { waitFor } from '@tourniquet/testkit'
import type { Scenario } from './scenarios.ts'
import { type Stage, setUp } from './stage.ts'
import type { Subject } from './subject.ts'

/** What one fault led to. Times are in milliseconds, from the fault. */
export interface Outcome {
  readonly firstMs: number
  readonly lastMs: number
  readonly succeeded: number
  readonly failed: number
  /** Connections to each of them, from the fault to the last result. */
  readonly dialsToA: number
  readonly dialsToB: number
}

/** Starts real servers, lets one fault happen, and sees how long the calls take that it meets. */
export async function trial<Service>(subject: Subject<Service>, scenario: Scenario): Promise<Outcome> {
  const stage = await setUp(subject, scenario)
  const ping = () => stage.rr.run((service) => subject.ping(service))
  try {
    if (scenario.fault !== 'mute') await prepare(stage, scenario)
    const calls = inFlight(stage, subject, scenario)
    // What one connection carries arrives in order: after this, all of it is there.
    if (calls.length > 0) await ping()
    const dials = [stage.a, stage.b].map(({ proxy }) => proxy.accepted)
    const startedAt = await strike(stage, scenario)
    if (calls.length === 0) calls.push(timed(ping()))
    const endings = await Promise.all(calls)
    const [dialsToA = 0, dialsToB = 0] = [stage.a, stage.b].map(({ proxy }, at) => proxy.accepted - (dials[at] ?? 0))
    const times = endings.filter((endedAt) => endedAt !== undefined).map((endedAt) => endedAt - startedAt)
    return {
      firstMs: Math.min(...times),
      lastMs: Math.max(...times),
      succeeded: times.length,
      failed: endings.length - times.length,
      dialsToA,
      dialsToB,
    }
  } finally {
    await stage.close()
  }
}

async function prepare<Service>({ rr }: Stage<Service>, { options }: Scenario): Promise<void> {
  await rr.connect()
  if (options?.standby) await waitFor(() => rr.providers.some(({ state }) => state === 'spare'))
}

/** Calls that hang on A, and are quick wherever they go next. */
function inFlight<Service>(
  { rr }: Stage<Service>,
  subject: Subject<Service>,
  { inFlight: count }: Scenario,
): Promise<number | undefined>[] {
  return Array.from({ length: count }, () =>
    timed(rr.run((service, { attempt }) => (attempt === 1 ? subject.hold(service) : subject.ping(service)))),
  )
}

/** Lets the fault happen; returns from when on its time is taken. */
async function strike<Service>({ a, rr, untilProbed }: Stage<Service>, { fault }: Scenario): Promise<number> {
  if (fault === 'mute') return performance.now()
  if (fault === 'freeze') await untilProbed()
  // The signal is sent before these return; what they wait for is that everybody can see it.
  const struck = fault === 'freeze' ? a.server.freeze() : a.server.kill()
  const startedAt = performance.now()
  await struck
  if (fault !== 'killWhileIdle') return startedAt
  await waitFor(() => rr.current !== a.proxy.url)
  return performance.now() // nobody waited until now
}

/** When it succeeded; undefined where it failed. */
function timed(run: Promise<unknown>): Promise<number | undefined> {
  return run.then(
    () => performance.now(),
    () => undefined,
  )
}
