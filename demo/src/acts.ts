import { pause } from './pause.ts'
import type { Fault } from './scenario.ts'
import { lift, type Scene, strike, untilCurrent } from './scene.ts'

/** One act of the script; has `ms` to it, and takes longer only if it must. It undoes what it did. */
export type Act = (scene: Scene, ms: number) => Promise<void>

/** Of the time of an act, how much the fault lasts; in the rest one sees that nothing moves when it is undone. */
const FAULT_SHARE = 0.6
const BLACKOUT_SHARE = 0.5

/** Nothing happens. */
export const calm: Act = async () => {}

/** Does something to the current provider, and undoes it once another one has taken over. */
export function strikeCurrent(fault: Fault): Act {
  return async (scene, ms) => {
    const victim = await untilCurrent(scene)
    if (victim === undefined) return
    scene.say('fault', `${fault.name} ${victim}: ${fault.meaning}`)
    const what = { what: `${fault.name} ${victim}`, limit: fault.limit }
    const recovery = scene.recoveries.watchFault(what, victim, scene.signal)
    await strike(scene, fault, victim)
    await Promise.all([
      recovery.then(({ next, ms: tookMs }) => {
        if (next) scene.say('note', `${next} answers, ${tookMs} ms after the fault`)
      }),
      pause(ms * FAULT_SHARE, scene.signal),
    ])
    await lift(scene, fault, victim)
    scene.say('repair', `${victim} ${fault.undone}; it waits for its turn`)
  }
}

/** An operator's move: the next is connected first, so that nothing fails. */
export const moveOn: Act = async ({ stage, say }) => {
  say('note', 'an operator calls failover(): connects the next, then moves')
  await stage.roundRobin.failover().catch((error: Error) => say('note', `nothing moved: ${error.message}`))
}

/** Does something to all providers at once. Calls fail then; when one is back they must succeed again by themselves. */
export function loseAll(fault: Fault): Act {
  return async (scene, ms) => {
    const { providers, healsWithinMs } = scene.stage
    scene.say('fault', `${fault.name} ${providers.join(', ')}, all at once: now calls fail, and say so`)
    await Promise.all(providers.map((provider) => strike(scene, fault, provider)))
    await pause(ms * BLACKOUT_SHARE, scene.signal)
    const lifted = providers.map((provider) => lift(scene, fault, provider))
    await Promise.race(lifted)
    const what = {
      what: `all ${fault.state}, one is back`,
      limit: { promise: 'G8', what: 'healed within', ms: healsWithinMs },
    }
    const recovery = scene.recoveries.watchBlackout(what, scene.signal)
    await Promise.all(lifted)
    const { next, ms: tookMs } = await recovery
    scene.say('repair', `all are back${next ? `; ${next} answered ${tookMs} ms after the first was` : ''}`)
  }
}
