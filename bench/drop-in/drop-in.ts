import type { ChildServer } from '@tourniquet/testkit'

/** What can be called, and must be closed. */
export interface Open {
  readonly call: () => Promise<unknown>
  /** Takes away what a call has left, which nobody measures. */
  readonly after?: () => Promise<unknown>
  readonly close: () => unknown
}

/** One way to do the same. */
export interface Way {
  readonly name: string
  /** How many times as long as the first way it may take. */
  readonly goal?: number
  readonly open: (servers: readonly ChildServer[]) => Open | Promise<Open>
}

/**
 * A drop-in beside the driver that it takes the place of. A file in `bench/drop-in/subjects/` that exports one by default
 * is in the table.
 */
export interface DropIn {
  /** What the table calls it. */
  readonly name: string
  /** Starts a real server, in a process of its own. */
  readonly start: (name: string) => Promise<ChildServer>
  /** Whether the server has children, which must be killed with it. */
  readonly hasChildren?: boolean
  /** One call after the other, to one server. The first is the driver alone. */
  readonly sequential: {
    readonly what: string
    readonly ways: readonly Way[]
    /** How many make one median. Default 200. */
    readonly calls?: number
  }
  /** A thousand calls in flight when the first of two servers is killed. The first is what the driver does by itself. */
  readonly burst?: { readonly what: string; readonly ways: readonly Way[] }
}
