import { waitFor } from '@tourniquet/testkit'
import { providerOf, type Scene, unlessEnded } from './scene.ts'

type Sides = Pick<Scene, 'accounts' | 'signal'>

/**
 * What strikes the sides must strike them alike. Resolves to the provider that is current on all of them, as soon as it
 * is and each has its spare, if it keeps one; to undefined if the show ends before.
 */
export function untilInStep({ accounts, signal }: Sides): Promise<string | undefined> {
  return unlessEnded(signal, () =>
    waitFor(() => step(accounts), { what: 'all sides to use the same provider', signal }),
  )
}

/** The provider they share; or each that is elsewhere than the first side moves on by one. */
async function step(accounts: Scene['accounts']): Promise<string | undefined> {
  const [meeting] = accounts.map(({ side }) => providerOf(side, 'current'))
  const isReady = accounts.every(
    ({ side }) => providerOf(side, 'current') && (!side.standby || providerOf(side, 'spare')),
  )
  if (!meeting || !isReady) return undefined
  const others = accounts.filter(({ side }) => providerOf(side, 'current') !== meeting)
  if (others.length === 0) return meeting
  await Promise.all(
    others.map(({ side, say }) => {
      say('note', `moves on by failover(), to meet the next fault on ${meeting} as well`)
      return side.roundRobin.failover().catch(() => {}) // then it is still elsewhere at the next look
    }),
  )
  return undefined
}
