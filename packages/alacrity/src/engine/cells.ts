/**
 * The numbers of one frontend, backend or server, in shared memory: every data thread writes, the control thread reads.
 *
 * There are two kinds. What several threads must agree on (how many sessions there are now, who is next) is an Int32
 * and changed with Atomics. What is only counted is a Float64 in a row of each thread's own, which nobody else writes:
 * no lock, no lost count, no overflow at 2^32; a reader adds the rows up. Counts of now are kept in both: so those of
 * a thread that died can be taken back.
 */

/** What threads agree on. */
export const shared = {
  /** Held for the microsecond in which a server is picked; the number of the thread that has it, plus one. */
  lock: 0,
  /** Sessions now. */
  cur: 1,
  /** The most there ever were. */
  max: 2,
  /** Waiting in the queue now. */
  queued: 3,
  queuedMax: 4,
  /** Of a server: its weight as it counts now (slowstart), times 256. Of a frontend: unused. */
  weight: 5,
  /** A server's `Usable`. */
  usable: 6,
  /** As it counts now; 0: none. */
  maxconn: 7,
  /** Of smooth weighted round-robin: how much this server is behind. */
  turn: 8,
  /** Of a backend with `balance failover`: the number of the server all threads stay with, plus one. */
  current: 9,
  /** Losses in a row that `observe layer4` saw. */
  losses: 10,
  /** Connections parked at the door of a frontend: accepted, but above its limit or that of the process. Of the process: at all. */
  parked: 11,
  /** Of a backend: goes up whenever a weight or a state of its servers changes, so that what was computed is known to be old. */
  version: 12,
  /** Of the process: so many connections may wait for room, at all frontends together. */
  mayWait: 13,
  /** Of the process: when an operator was told that more are refused, in minutes of the clock. */
  toldAt: 14,
  /** Threads that sleep until the lock is free. */
  lockWanted: 15,
} as const

/** May a server be picked? `byName`: it is drained, only `use-server` finds it. */
export const usable = { no: 0, yes: 1, byName: 2 } as const

/** What each thread counts for itself. The names are HAProxy's CSV columns. */
export const counted = {
  /** Sessions now, of this thread. */
  cur: 0,
  queued: 1,
  stot: 2,
  bin: 3,
  bout: 4,
  dreq: 5,
  dresp: 6,
  dcon: 7,
  dses: 8,
  ereq: 9,
  econ: 10,
  eresp: 11,
  wretr: 12,
  wredis: 13,
  cli_abrt: 14,
  srv_abrt: 15,
  lbtot: 16,
  connTot: 17,
  connect: 18,
  /** When the last session began, in milliseconds of the clock. */
  lastsess: 19,
  /** Sliding sums over the last `samples` connections: HAProxy's `qtime`, `ctime`, `ttime`; in milliseconds. */
  qtime: 20,
  ctime: 21,
  ttime: 22,
  qtimeMax: 23,
  ctimeMax: 24,
  ttimeMax: 25,
  /** Parked now, of this thread. */
  parked: 26,
} as const

/** So many connections count for an average. */
export const samples = 512

const sharedBytes = 64
const rowLength = 32

/** Room for the numbers of one thing that `threads` data threads work with. */
export function cellsFor(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(sharedBytes + threads * rowLength * Float64Array.BYTES_PER_ELEMENT)
}

/** What the threads share of it. */
export function sharedOf(cells: SharedArrayBuffer): Int32Array {
  return new Int32Array(cells, 0, sharedBytes / Int32Array.BYTES_PER_ELEMENT)
}

/** The row of one thread (from 0). */
export function rowOf(cells: SharedArrayBuffer, thread: number): Float64Array {
  return new Float64Array(cells, sharedBytes + thread * rowLength * Float64Array.BYTES_PER_ELEMENT, rowLength)
}

export function threadsOf(cells: SharedArrayBuffer): number {
  return (cells.byteLength - sharedBytes) / (rowLength * Float64Array.BYTES_PER_ELEMENT)
}
