import type { Ledgers } from './ledger.ts'
import { pause } from './pause.ts'
import type { Stage } from './scenario.ts'
import { SETTLE_MS, settledInTime } from './settled.ts'

/** What there is once everything was closed. */
export interface Leftovers {
  /** What the providers executed, for all sides. */
  readonly executed: Ledgers
  /** Connections that are still open. Must be 0. */
  readonly connectionsLeft: number
}

const LOOK_MS = 100

/** Waits for the last calls, closes every side, and looks at what is left. Waits for nothing for ever. */
export async function clearUp(stage: Stage, loading: Promise<void>): Promise<Leftovers> {
  await settledInTime(loading)
  await settledInTime(Promise.all(stage.sides.map(({ roundRobin }) => roundRobin.close())))
  for (let left = SETTLE_MS; stage.connections() > 0 && left > 0; left -= LOOK_MS) await pause(LOOK_MS)
  return { executed: await ledgersAtRest(stage), connectionsLeft: stage.connections() }
}

/** What lay in a frozen provider's socket, or in a network that was cut off, is executed late: waits for that too. */
async function ledgersAtRest(stage: Stage): Promise<Ledgers> {
  const read = async () => {
    const entries = stage.providers.map(async (name) => [name, await stage.executed(name)] as const)
    return new Map(await Promise.all(entries))
  }
  const size = (ledgers: Ledgers) => [...ledgers.values()].reduce((sum, ids) => sum + ids.length, 0)
  let before = await read()
  for (;;) {
    await pause(LOOK_MS)
    const after = await read()
    if (size(after) === size(before)) return after
    before = after
  }
}
