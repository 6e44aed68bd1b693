import { type LineServer, waitFor } from '@tourniquet/testkit'
import { pause } from '../../pause.ts'
import type { Say } from '../../timeline/timeline.ts'
import type { RunningBalancer } from './balancer.ts'
import type { Clients } from './clients.ts'
import type { Deeds } from './connections.ts'
import { ALWAYS } from './stage.ts'

/** What the acts work with. */
export interface Scene {
  readonly balancer: RunningBalancer
  /** A, B, C, and the one that comes and goes by reloads. */
  readonly servers: readonly LineServer[]
  readonly clients: Clients
  readonly deeds: Deeds & { reloads: number }
  readonly say: Say
  readonly signal: AbortSignal
}

/** Has `ms` to it, and takes longer only if it must. It undoes what it did, but for reloads. */
type Act = (scene: Scene, ms: number) => Promise<void>

/** How many beats an act takes. */
type Timed = readonly [beats: number, Act]

const ROUND_SECONDS = 20
/** Of the time of an act, how much of it a server is away. */
const AWAY_SHARE = 0.6

const calm: Act = async () => {}

const round: readonly Timed[] = [
  [0.5, calm],
  [1, killed(0)],
  [1, reloadWith(ALWAYS + 1)],
  [1, drained(1)],
  [0.5, mistake],
  [1, killed(2)],
  [1, reloadWith(ALWAYS)],
  [0.5, calm],
]

/** Plays the acts in `seconds`, or a little longer where a server takes its time to be up again. */
export async function play(scene: Scene, seconds: number): Promise<void> {
  const rounds = Math.max(1, Math.floor(seconds / ROUND_SECONDS))
  const script = Array.from({ length: rounds }, () => round).flat()
  const beatMs = (seconds * 1000) / script.reduce((sum, [beats]) => sum + beats, 0)
  let dueAt = performance.now()
  for (const [beats, act] of script) {
    if (scene.signal.aborted) return
    dueAt += beats * beatMs
    await act(scene, beats * beatMs)
    await pause(dueAt - performance.now(), scene.signal)
  }
}

/** SIGKILL: what it holds is cut; whoever comes after that is sent elsewhere. */
function killed(at: number): Act {
  return async (scene, ms) => {
    const { deeds, say, signal } = scene
    const server = serverAt(scene, at)
    say('fault', `kill ${server.name}: its process is gone (SIGKILL), and what it held is cut`)
    const kill: Deeds['kills'][number] = { server: server.name, from: performance.now() }
    deeds.kills.push(kill)
    await server.kill()
    kill.to = performance.now()
    await untilSeen(scene, server.name, 'DOWN')
    await pause(ms * AWAY_SHARE - (performance.now() - kill.from), signal)
    await server.restart()
    await untilSeen(scene, server.name, 'UP')
    say('repair', `${server.name} is started again, and its check says UP`)
  }
}

/** The other servers take what is new; what it has goes on. */
function drained(at: number): Act {
  return async (scene, ms) => {
    const { balancer, deeds, say, signal } = scene
    const { name } = serverAt(scene, at)
    await balancer.setState(name, 'drain')
    const drain: Deeds['drains'][number] = { server: name, from: performance.now() }
    deeds.drains.push(drain)
    say('fault', `drain ${name}, by the management API: nothing new for it, what it has goes on`)
    await pause(ms * AWAY_SHARE, signal)
    drain.to = performance.now()
    await balancer.setState(name, 'ready')
    say('repair', `${name} is ready again`)
  }
}

/** SIGHUP with so many servers. */
function reloadWith(count: number): Act {
  return async ({ balancer, servers, clients, deeds, say }) => {
    const open = clients.connections.filter(({ endedAt }) => endedAt === undefined).length
    await balancer.reload(servers.slice(0, count))
    deeds.reloads += 1
    say('move', `reload (SIGHUP) with ${open} connections open: ${count} servers now`)
  }
}

async function mistake({ balancer, servers, say }: Scene): Promise<void> {
  const complaint = await balancer.reloadWrongly(servers)
  say('note', `reload with a mistake in the file: nothing changes, and it says`)
  say('note', `  ${complaint}`)
}

function serverAt({ servers }: Scene, at: number): LineServer {
  return servers[at] as LineServer
}

function untilSeen({ balancer }: Scene, name: string, status: string): Promise<unknown> {
  return waitFor(async () => (await balancer.rows()).some((row) => row.name === name && row.status.startsWith(status)))
}
