import { type Act, calm, loseAll, moveOn, rehearse, strikeCurrent } from './acts.ts'
import { pause } from './pause.ts'
import type { Fault } from './scenario.ts'
import type { Scene } from './scene.ts'

/** One round takes about so long; a longer show has several. */
const ROUND_SECONDS = 20

/** How many beats an act takes, of which all have the same length. */
type Timed = readonly [beats: number, Act]

/** What happens once, before the first round. */
function openingFor([fault]: readonly Fault[]): readonly Timed[] {
  return fault
    ? [
        [0.5, calm],
        [1, rehearse(fault)],
      ]
    : []
}

/** What happens in one round. */
function roundFor(faults: readonly Fault[]): readonly Timed[] {
  const [first, second, ...others] = faults.map((fault): Timed => [1, strikeCurrent(fault)])
  const all: Timed | undefined = faults[0] && [1.2, loseAll(faults[0])]
  const acts: readonly (Timed | undefined)[] = [[0.5, calm], first, second, [0.6, moveOn], ...others, all, [0.6, calm]]
  return acts.filter((act) => act !== undefined)
}

/** Plays the script in `seconds`, or a little longer where a fault takes its time to be found. */
export async function play(scene: Scene, seconds: number): Promise<void> {
  const rounds = Math.max(1, Math.floor(seconds / ROUND_SECONDS))
  const { faults } = scene.stage
  const script = [...openingFor(faults), ...Array.from({ length: rounds }, () => roundFor(faults)).flat()]
  const beatMs = (seconds * 1000) / script.reduce((sum, [beats]) => sum + beats, 0)
  let dueAt = performance.now()
  for (const [beats, act] of script) {
    if (scene.signal.aborted) return
    dueAt += beats * beatMs
    await act(scene, beats * beatMs)
    await pause(dueAt - performance.now(), scene.signal)
  }
}
