import type { Engine, TestServer } from '../conformance/description.ts'
import type { FaultProxy } from '../proxy/fault-proxy.ts'
import type { Span } from './script.ts'

/** Where a fault strikes. */
export interface Struck<Server> {
  readonly server: Server
  /** The only way to it. */
  readonly proxy: FaultProxy
  readonly rr: Pick<Engine<unknown, unknown>, 'failover'>
}

/** One kind of fault: as data, so that an adapter can add its own. */
export interface LedgerFault<Server> {
  readonly name: string
  strike(at: Struck<Server>): unknown
  /** Undoes it; left out where there is nothing to undo. */
  heal?(at: Struck<Server>): unknown
  /** How long it lasts. Default: 50 to 400 ms. */
  readonly lastsMs?: Span
}

/** What can happen to any server. */
export const standardFaults: readonly LedgerFault<TestServer>[] = [
  { name: 'kill', strike: ({ server }) => server.kill(), heal: ({ server }) => server.restart() },
  { name: 'freeze', strike: ({ server }) => server.freeze(), heal: ({ server }) => server.thaw() },
  { name: 'partition', strike: ({ proxy }) => proxy.freeze(), heal: ({ proxy }) => proxy.pass() },
  {
    name: 'refuse',
    strike: async ({ proxy }) => {
      await proxy.refuse()
      proxy.cut()
    },
    heal: ({ proxy }) => proxy.pass(),
  },
  { name: 'reset', strike: ({ proxy }) => proxy.cut() },
  {
    // What was sent arrives, what is said of it does not: the outcomes that nobody can know.
    name: 'lost reply',
    strike: ({ proxy }) => proxy.cutAfter(0, 'down'),
    heal: ({ proxy }) => proxy.pass(),
  },
  {
    // An operator's move. Where no other provider is up it moves nothing.
    name: 'failover',
    strike: ({ rr }) => void rr.failover().catch(() => {}),
  },
]

/** The standard faults, and a change of role where the servers have one. */
export function faultsOf<Server extends TestServer>(can: {
  demote?(server: Server): unknown
  promote?(server: Server): unknown
}): readonly LedgerFault<Server>[] {
  if (!can.demote) return standardFaults
  const demote: LedgerFault<Server> = {
    name: 'demote',
    strike: ({ server }) => can.demote?.(server),
    heal: ({ server }) => can.promote?.(server),
  }
  return [...standardFaults, demote]
}
