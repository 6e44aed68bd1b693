import type { Running } from './balancer.ts'
import { busyTimeOf, cpus, cpuTimeOf } from './cpus.ts'
import type { Done, Load } from './load.ts'
import type { Origins } from './origins.ts'

/** One load of one balancer. */
export interface Turn extends Done {
  /** CPU time for each unit, in microseconds. */
  readonly cpu: number
  /** Which share of the balancer's CPU others had meanwhile. */
  readonly disturbance: number
}

/** What others may have: beside them it takes longer to do the same, because they empty the caches. */
const quiet = 0.05
const tries = 4

/** A turn in which the balancer has its CPU for itself; if there is none, the best of some. */
export async function quietTurn(load: Load, running: Running, seconds: number, origins: Origins): Promise<Turn> {
  let best: Turn | undefined
  for (let made = 0; made < tries && !(best && best.disturbance <= quiet); made++) {
    const turn = await turnOf(load, running, seconds, origins)
    if (!best || turn.disturbance < best.disturbance) best = turn
  }
  return best as Turn
}

async function turnOf(load: Load, { server, ports }: Running, seconds: number, origins: Origins): Promise<Turn> {
  const pid = server.pid as number
  const [startedAt, cpuBefore, busyBefore] = [performance.now(), cpuTimeOf(pid), busyTimeOf(cpus.first)]
  const done = await load.run(ports[load.origin], seconds, origins)
  const cpuMs = cpuTimeOf(pid) - cpuBefore
  const othersMs = busyTimeOf(cpus.first) - busyBefore - cpuMs
  return { ...done, cpu: (cpuMs * 1_000) / done.units, disturbance: othersMs / (performance.now() - startedAt) }
}
