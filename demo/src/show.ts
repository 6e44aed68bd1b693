import { Account } from './account.ts'
import { numbers } from './calls.ts'
import { clearUp } from './clear-up.ts'
import { load } from './load.ts'
import { Meter } from './meter.ts'
import type { Scenario } from './scenario.ts'
import { type Scene, unlessEnded } from './scene.ts'
import { play } from './script.ts'
import { type Summary, summarize } from './summary.ts'
import type { Timeline } from './timeline/timeline.ts'

/**
 * Shows a scenario from the first server's start to the last one's stop, and sums it up; undefined if it was ended
 * before anything was up.
 */
export async function show(
  scenario: Scenario,
  seconds: number,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  const stage = await unlessEnded(signal, () => scenario.start())
  if (!stage) return undefined
  timeline.start(stage.faults)
  const startedAt = performance.now()
  const nextId = numbers()
  const accounts = stage.sides.map((side) => new Account(side, nextId, timeline.say))
  const scene: Scene = { stage, accounts, faults: new Map(), say: timeline.say, signal }
  const meters = accounts.map((account) => new Meter(account, scene))
  const loadEnd = new AbortController()
  const loading = load(accounts, loadEnd.signal)
  const ticking = setInterval(() => timeline.tick(meters.map((meter) => meter.read())), timeline.tickMs)
  try {
    await play(scene, seconds)
    const playedMs = performance.now() - startedAt
    loadEnd.abort()
    const leftovers = await clearUp(stage, loading)
    return summarize({ scenario, signal, playedMs, accounts, ...leftovers })
  } finally {
    loadEnd.abort()
    clearInterval(ticking)
    timeline.end()
    await stage.stop()
  }
}
