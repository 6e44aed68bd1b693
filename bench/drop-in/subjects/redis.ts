import { RedisRoundRobin } from '@tourniquet/redis'
import { type ChildServer, startRedis } from '@tourniquet/testkit'
import { Redis } from 'ioredis'
import type { DropIn, Open } from '../drop-in.ts'

const urlOf = ({ host, port }: ChildServer) => `redis://${host}:${port}`

function plain([server]: readonly ChildServer[]): Open {
  const client = new Redis(server ? urlOf(server) : '')
  return { call: () => client.get('text'), close: () => client.disconnect() }
}

/** What can be done by hand at best: the commands of a connection that is lost are sent again on a fresh one to B. */
function byHand([a, b]: readonly ChildServer[]): Open {
  const failFast = { retryStrategy: () => null, autoResendUnfulfilledCommands: false }
  const first = new Redis(a ? urlOf(a) : '', failFast)
  let second: Redis | undefined
  first.on('error', () => {})
  const again = () => {
    second ??= new Redis(b ? urlOf(b) : '')
    return second.get('text')
  }
  return {
    call: () => first.get('text').catch(again),
    close: () => {
      first.disconnect()
      second?.disconnect()
    },
  }
}

function ours(servers: readonly ChildServer[], standby = false): RedisRoundRobin {
  return new RedisRoundRobin(servers.map(urlOf), { idempotent: true, standby })
}

function dropIn(servers: readonly ChildServer[], standby?: boolean): Open {
  const rr = ours(servers, standby)
  const client = rr.client()
  return { call: () => client.get('text'), close: () => rr.close({ drainMs: 0 }) }
}

function runs(servers: readonly ChildServer[]): Open {
  const rr = ours(servers)
  const get = (client: Redis) => client.get('text')
  return { call: () => rr.run(get), close: () => rr.close({ drainMs: 0 }) }
}

const redis: DropIn = {
  name: 'Redis',
  start: (name) => startRedis({ name }),
  sequential: {
    what: 'GET, one after the other',
    ways: [
      { name: 'plain ioredis', open: plain },
      { name: 'another plain ioredis', open: plain },
      { name: '`rr.run`', goal: 1.03, open: runs },
      { name: '`rr.client()`', goal: 1.05, open: (servers) => dropIn(servers) },
    ],
  },
  burst: {
    what: '1,000 GETs in flight, A killed: to the last result',
    ways: [
      { name: 'by hand: a fresh connection to B, and all again', open: byHand },
      { name: '`rr.run`', goal: 1.5, open: runs },
      { name: '`rr.client()`', goal: 1.5, open: (servers) => dropIn(servers) },
      { name: '`rr.client()`, `standby: true`', open: (servers) => dropIn(servers, true) },
    ],
  },
}

export default redis
