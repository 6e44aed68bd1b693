import type { Server } from '../engine/server.ts'

/** Who asks for a server. */
export interface Asker {
  /** Looked up when it is asked: it costs a system call. */
  readonly clientAddress: string
}

/**
 * Chooses one of the servers that may be used and have room; there is at least one. It is called while the cells of
 * the backend are locked: what it changes there, no other thread changes at the same time.
 */
export interface Algorithm {
  /**
   * Does it choose by who asks, so that a full server is waited for instead of another taken? It changes nothing then,
   * and needs no lock. The same list (the same object): the same servers with the same weights as the last time.
   */
  readonly isSticky?: boolean
  /** @param all with the one that has just failed, whose turn is not to be forgotten for that */
  readonly choose: (servers: readonly Server[], asker: Asker, all?: readonly Server[]) => Server
}
