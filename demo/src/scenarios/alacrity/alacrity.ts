import { setMaxListeners } from 'node:events'
import { waitFor } from '@tourniquet/testkit'
import type { Ending } from '../../ending.ts'
import type { OwnScript } from '../../scenario.ts'
import { unlessEnded } from '../../scene.ts'
import { SETTLE_MS, settledInTime } from '../../settled.ts'
import type { Timeline } from '../../timeline/timeline.ts'
import { play, type Scene } from './acts.ts'
import { Clients } from './clients.ts'
import { Meter, marks } from './meter.ts'
import type { Row } from './rows.ts'
import { type AlacrityStage, startStage } from './stage.ts'
import { type AlacritySummary, endingOf } from './summary.ts'

/** The balancer, with its page, before servers that go and come, and reloads under load. */
export const alacrity: OwnScript = {
  name: 'alacrity',
  description: 'the TCP load balancer, with servers that go and come, and its page',
  title: 'a TCP load balancer, live (alacrity)',
  introduction: [
    'Three real servers, a fourth that comes and goes, and alacrity before them, which',
    'runs an ordinary haproxy.cfg. 40 clients connect, ask a few times and leave; 30',
    'stay connected. A script kills servers, drains one, and reloads under load.',
    'Watch that nobody notices but those whose own server was killed.',
  ],
  async play(seconds, timeline, signal) {
    const stage = await unlessEnded(signal, startStage)
    if (!stage) return undefined
    try {
      return await show(stage, seconds, timeline, signal)
    } finally {
      await stage.stop()
    }
  },
}

async function show(
  { servers, balancer }: AlacrityStage,
  seconds: number,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<Ending<AlacritySummary>> {
  const { say } = timeline
  timeline.start(marks)
  say('note', `its page, for as long as this lasts: ${balancer.page}`)
  const startedAt = performance.now()
  const clients = new Clients(balancer.port)
  const names = servers.map(({ name }) => name)
  const meter = new Meter(clients, balancer, names)
  const scene: Scene = { balancer, servers, clients, deeds: { kills: [], drains: [], reloads: 0 }, say, signal }
  const loadEnd = new AbortController()
  setMaxListeners(0, loadEnd.signal) // one for each client
  const loading = clients.load(loadEnd.signal)
  const ticking = setInterval(() => void tick(meter, timeline, loadEnd.signal), timeline.tickMs)
  try {
    await unlessEnded(signal, () => play(scene, seconds))
    const playedMs = performance.now() - startedAt
    loadEnd.abort()
    await settledInTime(loading)
    const executed = (await Promise.all(servers.map((server) => server.ledger()))).flat()
    const rows = await rowsAtRest(scene)
    return endingOf({ clients, deeds: scene.deeds, rows, executed, playedMs, interrupted: signal.aborted })
  } finally {
    loadEnd.abort()
    clearInterval(ticking)
    timeline.end()
  }
}

async function tick(meter: Meter, timeline: Timeline, ended: AbortSignal): Promise<void> {
  const snapshot = await meter.read()
  if (!ended.aborted) timeline.tick([snapshot])
}

/** What the balancer has counted, once it has seen that its clients have left; or what there is by then. */
async function rowsAtRest({ balancer }: Scene): Promise<readonly Row[]> {
  const isAtRest = (rows: readonly Row[]) => rows.every(({ current }) => current === 0)
  try {
    return await waitFor(async () => (await balancer.rows().then((rows) => isAtRest(rows) && rows)) || undefined, {
      timeoutMs: SETTLE_MS,
    })
  } catch {
    return await balancer.rows()
  }
}
