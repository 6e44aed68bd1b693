import type { Connector } from '@tourniquet/core'
import type { ChildServer } from '@tourniquet/testkit'

/**
 * Whose failover is measured: a connector and its servers. A file in `bench/failover/` that exports one by default is
 * in the table.
 */
export interface Subject<Service> {
  /** What the table calls it. */
  readonly name: string
  connector(): Connector<string, Service>
  /** Starts a real server, in a process of its own. */
  start(name: string): Promise<ChildServer>
  /** An operation that is quick. */
  ping(service: Service): Promise<unknown>
  /** An operation that is in flight until its service is disconnected; a thousand of them may be at once. */
  hold(service: Service): Promise<unknown>
}
