import type { Account } from './account.ts'
import { untilInStep } from './in-step.ts'
import { pause } from './pause.ts'
import type { Fault } from './scenario.ts'
import { lift, type Scene, strike } from './scene.ts'

/** One act of the script; has `ms` to it, and takes longer only if it must. It undoes what it did. */
export type Act = (scene: Scene, ms: number) => Promise<void>

/** Of the time of an act, how much the fault lasts; in the rest one sees that nothing moves when it is undone. */
const FAULT_SHARE = 0.6
const BLACKOUT_SHARE = 0.5

/** Nothing happens. */
export const calm: Act = async () => {}

/** The first failover of a process is slow, since its code is compiled meanwhile: its times do not count, all else does. */
export function rehearse(fault: Fault): Act {
  return async (scene, ms) => {
    scene.say('note', 'a rehearsal, not counted: code is slow the first time it runs')
    await strikeCurrent(fault, 'rehearsals')(scene, ms)
  }
}

/** Does something to the current provider, and undoes it once another one has taken over on every side. */
export function strikeCurrent(fault: Fault, list: 'faults' | 'rehearsals' = 'faults'): Act {
  return async (scene, ms) => {
    const victim = await untilInStep(scene)
    if (victim === undefined) return
    scene.say('fault', `${fault.name} ${victim}: ${fault.meaning}`)
    const struck = strike(scene, fault, victim)
    // The clocks start now: to look for the processes that are to be killed took its time, too.
    const recovered = scene.accounts.map(async ({ recoveries, say }) => {
      const recovery = { what: `${fault.name} ${victim}`, limit: fault.limit }
      const { next, ms: tookMs } = await recoveries.watch(list, recovery, scene.signal, victim)
      if (next) say('note', `${next} answers, ${tookMs} ms after the fault`)
    })
    await Promise.all([struck, ...recovered, pause(ms * FAULT_SHARE, scene.signal)])
    await lift(scene, fault, victim)
    scene.say('repair', `${victim} ${fault.undone}; it waits for its turn`)
  }
}

/** An operator's move: the next is connected first, so that nothing fails. */
export const moveOn: Act = async ({ accounts, say }) => {
  say('note', 'an operator calls failover(): connects the next, then moves')
  const moves = accounts.map((account) =>
    account.side.roundRobin.failover().catch((error: Error) => account.say('note', `nothing moved: ${error.message}`)),
  )
  await Promise.all(moves)
}

/** Does something to all providers at once. Calls fail then; when one is back they must succeed again by themselves. */
export function loseAll(fault: Fault): Act {
  return async (scene, ms) => {
    const { providers } = scene.stage
    scene.say('fault', `${fault.name} ${providers.join(', ')}, all at once: now calls fail, and say so`)
    await Promise.all(providers.map((provider) => strike(scene, fault, provider)))
    await pause(ms * BLACKOUT_SHARE, scene.signal)
    const lifted = providers.map((provider) => lift(scene, fault, provider))
    await Promise.race(lifted)
    const healed = scene.accounts.map((account) => untilHealed(account, fault, scene))
    await Promise.all(lifted)
    scene.say('repair', 'all are back')
    await Promise.all(healed)
  }
}

async function untilHealed(account: Account, fault: Fault, { stage, signal }: Scene): Promise<void> {
  const what = `all ${fault.state}, one is back`
  const limit = { promise: 'G8', what: 'healed within', ms: stage.healsWithinMs }
  const { next, ms } = await account.recoveries.watch('blackouts', { what, limit }, signal)
  if (next) account.say('repair', `${next} answers, ${ms} ms after the first was back`)
}
