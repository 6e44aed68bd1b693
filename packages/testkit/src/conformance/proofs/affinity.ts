import { expect } from 'vitest'
import type { Proof } from '../scene.ts'
import { endOf, inTime, orThrow, SOON_MS, until } from '../words.ts'

/** A promise, and what resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

export const affinity: readonly Proof[] = [
  {
    title: 'G13 an attempt stays on its provider: what began on A ends on A, though runs go to B meanwhile',
    async run(scene) {
      const steps: string[] = []
      const { opened, open } = gate()
      const long = endOf(
        scene.run(async (asked) => {
          steps.push(await asked.who())
          await opened
          steps.push(await asked.who())
        }),
      )
      await until(() => steps.length === 1, 'G13 the first step did not end')
      await scene.failover()
      await scene.isServedBy('B')
      open()
      orThrow(await inTime(long, SOON_MS, 'G13 an attempt on a service that is drained did not end'))
      expect(steps, 'G13 who answered the steps of one attempt').toEqual(['A', 'A'])
    },
  },
  {
    title: 'G13 an attempt that lost its provider is begun anew on the next, as a whole',
    options: { idempotent: true },
    async run(scene) {
      const steps: string[] = []
      const { opened, open } = gate()
      const long = endOf(
        scene.run(async (asked, { attempt }) => {
          steps.push(`${attempt} ${await asked.who()}`)
          await opened
          steps.push(`${attempt} ${await asked.who()}`)
        }),
      )
      await until(() => steps.length === 1, 'G13 the first step did not end')
      scene.a.proxy.cut()
      await until(() => scene.current !== 'A', 'G13 lost: the connection to A was reset, and A is still current')
      open()
      orThrow(await inTime(long, SOON_MS, 'G13 a run that lost its provider did not end'))
      expect(steps, 'G13 who answered the steps, of which attempt').toEqual(['1 A', '2 B', '2 B'])
    },
  },
]
