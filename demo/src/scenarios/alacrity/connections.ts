/** One connection through the balancer, from its connect to its end. Times are those of `performance.now()`. */
export interface Connection {
  readonly openedAt: number
  /** Who greeted it: its server. Undefined until then. */
  server?: string
  endedAt?: number
  /** Why it ended, where its client did not end it: the code of the error. */
  cut?: string
}

/** A time in which something held for a server. */
interface Span {
  readonly server: string
  readonly from: number
  /** Undefined while it lasts. */
  to?: number
}

/** What was done while the load went on. */
export interface Deeds {
  /** From just before a server was killed until it was gone. */
  readonly kills: Span[]
  /** From when a drain was in force until just before it was lifted. */
  readonly drains: Span[]
}

export interface Judged {
  /** Held by a server that was killed. */
  readonly killed: readonly Connection[]
  /** Cut, and no server that was killed is to blame. */
  readonly dropped: readonly Connection[]
  /** By the balancer itself: nobody listened there. */
  readonly refused: readonly Connection[]
  /** Sent to a server after that was drained. */
  readonly misled: readonly Connection[]
}

/** Whose fault each connection's end is. */
export function judge(connections: readonly Connection[], { kills, drains }: Deeds): Judged {
  const cut = connections.filter((connection) => connection.cut !== undefined)
  const isRefused = (connection: Connection) => connection.cut === 'ECONNREFUSED'
  const isKilled = (connection: Connection) => kills.some((kill) => wasHeldBy(connection, kill))
  const accepted = cut.filter((connection) => !isRefused(connection))
  return {
    killed: accepted.filter(isKilled),
    dropped: accepted.filter((connection) => !isKilled(connection)),
    refused: cut.filter(isRefused),
    misled: connections.filter(({ openedAt, server }) =>
      drains.some((drain) => drain.server === server && openedAt >= drain.from && openedAt < (drain.to ?? Infinity)),
    ),
  }
}

/** Who was not greeted yet may have been with it. */
function wasHeldBy({ server, openedAt, endedAt = Infinity }: Connection, kill: Span): boolean {
  const isItsServer = server === undefined || server === kill.server
  return isItsServer && openedAt <= (kill.to ?? Infinity) && endedAt >= kill.from
}
