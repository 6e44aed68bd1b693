import { shared } from './cells.ts'
import type { Frontend, Parked } from './frontend.ts'
import type { Numbers } from './numbers.ts'
import type { Plane } from './plane.ts'
import { reset } from './reset.ts'

/** While connections are refused, an operator hears of it this often. */
const toldEveryMinutes = 10

/**
 * Has a connection wait for room, or refuses it. Node cannot leave them to the kernel: it accepts whatever comes. Each
 * is an open file, and the dials and checks of servers need files too: only so many may wait.
 */
export function park(plane: Plane, frontend: Frontend, parked: Parked): void {
  const process = plane.process as Numbers
  const waiting = process.shared[shared.parked] as number
  if (waiting < (process.shared[shared.mayWait] as number)) {
    frontend.park(parked)
    return
  }
  reset(parked.socket)
  if (!isTimeToTell(process)) return
  const message = `${frontend.name}: ${waiting} connections wait for room (maxconn), further ones are refused`
  plane.report({ type: 'warning', message })
}

/** One thread speaks for all. */
function isTimeToTell({ shared: cells }: Numbers): boolean {
  const minute = Math.floor(Date.now() / 60_000)
  const told = Atomics.load(cells, shared.toldAt)
  return minute >= told + toldEveryMinutes && Atomics.compareExchange(cells, shared.toldAt, told, minute) === told
}
