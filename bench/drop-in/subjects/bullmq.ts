import { randomUUID } from 'node:crypto'
import { BullMQRoundRobin } from '@tourniquet/bullmq'
import { type ChildServer, startRedis } from '@tourniquet/testkit'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { DropIn, Open } from '../drop-in.ts'

const urlOf = ({ host, port }: ChildServer) => `redis://${host}:${port}`
const connectionOf = (server: ChildServer | undefined) =>
  new Redis(server ? urlOf(server) : '', { maxRetriesPerRequest: null, retryStrategy: () => null }).on(
    'error',
    () => {},
  )
const jobs = Array.from({ length: 5_000 }, (_, number) => ({ name: 'job', data: { number } }))

/** What a queue has left is thrown away. */
function cleaner(server: ChildServer | undefined): { after: () => Promise<unknown>; end: () => void } {
  const client = new Redis(server ? urlOf(server) : '')
  return { after: () => client.flushall(), end: () => client.disconnect() }
}

/** Ids of one's own cost Redis more than those it counts; they are what makes it safe to send a job again. */
const withIds = () => jobs.map((job) => ({ ...job, opts: { jobId: randomUUID() } }))

function plain([server]: readonly ChildServer[], made = () => jobs as Parameters<Queue['addBulk']>[0]): Open {
  const connection = connectionOf(server)
  const queue = new Queue('bench', { connection })
  const { after, end } = cleaner(server)
  return {
    call: () => queue.addBulk(made()),
    after,
    close: async () => {
      end()
      await queue.close()
      connection.disconnect()
    },
  }
}

function ours(servers: readonly ChildServer[]): Open {
  const rr = new BullMQRoundRobin(servers.map(urlOf))
  const { after, end } = cleaner(servers[0])
  return {
    call: () => rr.sendJobs('bench', jobs),
    after,
    close: () => {
      end()
      return rr.close({ drainMs: 0 })
    },
  }
}

/** What can be done by hand at best: what a connection has lost is sent again on a fresh one to B. */
function byHand([a, b]: readonly ChildServer[]): Open {
  const opened = [connectionOf(a)]
  const first = new Queue('bench', { connection: opened[0] as Redis })
  let second: Queue | undefined
  const again = (number: number) => {
    if (!second) {
      const connection = connectionOf(b)
      opened.push(connection)
      second = new Queue('bench', { connection })
    }
    return second.add('job', { number })
  }
  first.on('error', () => {})
  let next = 0
  return {
    call: () => {
      const number = next++
      return first.add('job', { number }).catch(() => again(number))
    },
    close: () => {
      for (const each of opened) each.disconnect()
    },
  }
}

function sending(servers: readonly ChildServer[], standby = false): Open {
  const rr = new BullMQRoundRobin(servers.map(urlOf), { standby })
  let next = 0
  return { call: () => rr.sendJob('bench', 'job', { number: next++ }), close: () => rr.close({ drainMs: 0 }) }
}

const bullmq: DropIn = {
  name: 'BullMQ',
  start: (name) => startRedis({ name }),
  sequential: {
    what: '5,000 jobs in one go',
    calls: 3,
    ways: [
      { name: '`addBulk` of a plain Queue', open: (servers) => plain(servers) },
      { name: '`addBulk` of another plain Queue', open: (servers) => plain(servers) },
      { name: '`addBulk`, with a UUID for each job', open: (servers) => plain(servers, withIds) },
      { name: '`rr.sendJobs`', goal: 1.05, open: ours },
    ],
  },
  burst: {
    what: '1,000 jobs being sent, A killed: to the last result',
    ways: [
      { name: 'by hand: a fresh Queue on B, and all again', open: byHand },
      { name: '`rr.sendJob`', open: (servers) => sending(servers) },
      { name: '`rr.sendJob`, `standby: true`', open: (servers) => sending(servers, true) },
    ],
  },
}

export default bullmq
