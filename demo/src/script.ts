import { type Act, calm, loseAll, moveOn, strikeCurrent } from './acts.ts'
import { pause } from './pause.ts'
import type { Fault } from './scenario.ts'
import type { Scene } from './scene.ts'

/** One round takes about so long; a longer show has several. */
const ROUND_SECONDS = 20

/** What happens in one round, and how many beats each act takes. */
function scriptFor(faults: readonly Fault[]): readonly (readonly [beats: number, Act])[] {
  const [first, second, ...others] = faults.map((fault) => [1, strikeCurrent(fault)] as const)
  const acts = [[0.8, calm] as const, first, second, [0.6, moveOn] as const, ...others]
  const all = faults[0] && ([1.2, loseAll(faults[0])] as const)
  return [...acts, all, [0.6, calm] as const].filter((act) => act !== undefined)
}

/** Plays the script in `seconds`, or a little longer where a fault takes its time to be found. */
export async function play(scene: Scene, seconds: number): Promise<void> {
  const rounds = Math.max(1, Math.floor(seconds / ROUND_SECONDS))
  const script = Array.from({ length: rounds }, () => scriptFor(scene.stage.faults)).flat()
  const beatMs = (seconds * 1000) / script.reduce((sum, [beats]) => sum + beats, 0)
  let dueAt = performance.now()
  for (const [beats, act] of script) {
    if (scene.signal.aborted) return
    dueAt += beats * beatMs
    await act(scene, beats * beatMs)
    await pause(dueAt - performance.now(), scene.signal)
  }
}
