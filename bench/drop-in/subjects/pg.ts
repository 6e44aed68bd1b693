import { PgRoundRobin } from '@tourniquet/pg'
import { type ChildServer, startPostgres } from '@tourniquet/testkit'
import pg from 'pg'
import type { DropIn, Open } from '../drop-in.ts'

const urlOf = ({ host, port }: ChildServer) => `postgresql://postgres@${host}:${port}/postgres`
const select = 'select 1'

function poolOf(server: ChildServer | undefined): pg.Pool {
  const pool = new pg.Pool({ connectionString: server && urlOf(server) })
  return pool.on('error', () => {})
}

function plain([server]: readonly ChildServer[]): Open {
  const pool = poolOf(server)
  return { call: () => pool.query(select), close: () => pool.end() }
}

/** What can be done by hand at best: all that a pool has lost or not begun is sent again on a fresh one to B. */
function byHand([a, b]: readonly ChildServer[]): Open {
  const first = poolOf(a)
  let second: pg.Pool | undefined
  const again = () => {
    second ??= poolOf(b)
    return second.query(select)
  }
  return {
    call: () => first.query(select).catch(again),
    close: async () => {
      await Promise.all([first.end(), second?.end()])
    },
  }
}

function ours(servers: readonly ChildServer[], standby = false): PgRoundRobin {
  return new PgRoundRobin(servers.map(urlOf), { idempotent: true, standby })
}

function dropIn(servers: readonly ChildServer[], standby?: boolean): Open {
  const rr = ours(servers, standby)
  const pool = rr.pool()
  return { call: () => pool.query(select), close: () => rr.close({ drainMs: 0 }) }
}

function runs(servers: readonly ChildServer[]): Open {
  const rr = ours(servers)
  return { call: () => rr.query(select), close: () => rr.close({ drainMs: 0 }) }
}

const postgres: DropIn = {
  name: 'PostgreSQL',
  start: (name) => startPostgres({ name }),
  hasChildren: true,
  sequential: {
    what: '`select 1`, one after the other',
    ways: [
      { name: 'plain pg.Pool', open: plain },
      { name: 'another plain pg.Pool', open: plain },
      { name: '`rr.query`', open: runs },
      { name: '`rr.pool()`', goal: 1.05, open: (servers) => dropIn(servers) },
    ],
  },
  burst: {
    what: '1,000 of `select 1`, A killed: to the last result',
    ways: [
      { name: 'by hand: a fresh pool on B, and all again', open: byHand },
      { name: '`rr.query`', open: runs },
      { name: '`rr.pool()`', goal: 1.5, open: (servers) => dropIn(servers) },
      { name: '`rr.pool()`, `standby: true`', open: (servers) => dropIn(servers, true) },
    ],
  },
}

export default postgres
