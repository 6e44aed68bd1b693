import { fromLastCpu } from './from-last-cpu.ts'
import { counted, type Load } from './load.ts'
import { pgbench } from './pgbench.ts'
import { wrk } from './wrk.ts'

const bytesPerMegabyte = 1_000_000

/** Everything that the balancers are loaded with. Those that have a time go on for it, the others for a count. */
export const loads: readonly Load[] = [
  {
    what: '`wrk`, 50 connections that are kept',
    unit: 'request',
    origin: 'web',
    goal: () => 1.5,
    run: (port, seconds) => wrk({ port, seconds, connections: 50 }),
  },
  {
    what: '`wrk`, 50 at once, a connection for each request',
    unit: 'connection',
    origin: 'web',
    goal: (nodeMajor) => (nodeMajor < 24 ? 2.2 : 1.8),
    run: (port, seconds) => wrk({ port, seconds, connections: 50, headers: ['Connection: close'] }),
  },
  {
    what: '`wrk`, 50 connections that are kept, 2,500 requests a second',
    unit: 'request',
    origin: 'web',
    p99Goal: 2,
    run: (port, seconds) => wrk({ port, seconds, connections: 50, pauseMs: 20 }),
  },
  {
    what: '`wrk`, a connection for each request, 1,000 a second',
    unit: 'connection',
    origin: 'web',
    p99Goal: 2,
    run: (port, seconds) => wrk({ port, seconds, connections: 50, pauseMs: 50, headers: ['Connection: close'] }),
  },
  {
    what: '`wrk`, 8 connections, answers of 1 MB',
    unit: 'MB',
    origin: 'bulk',
    goal: () => 1.25,
    async run(port, seconds) {
      const { bytes, ...done } = await wrk({ port, seconds, connections: 8 })
      return { ...done, units: bytes / bytesPerMegabyte }
    },
  },
  {
    what: '`redis-benchmark`, 50 connections',
    unit: 'command',
    origin: 'redis',
    async run(port, seconds, { redis }) {
      const count = 20_000 * seconds
      await redis.command('CONFIG', 'RESETSTAT')
      const args = ['-p', `${port}`, '-n', `${count}`, '-c', '50', '-t', 'set', '-q']
      await fromLastCpu('redis-benchmark', args)
      return counted(
        count,
        Number(/cmdstat_set:calls=(\d+)/.exec(await redis.command('INFO', 'commandstats'))?.[1] ?? 0),
      )
    },
  },
  {
    what: '`pgbench -S`, 10 connections',
    unit: 'transaction',
    origin: 'postgres',
    run: (port, seconds) => pgbench(port, 200 * seconds),
  },
  {
    what: '`pgbench -S -C`, a connection for each transaction',
    unit: 'connection',
    origin: 'postgres',
    run: (port, seconds) => pgbench(port, 5 * seconds, ['-C']),
  },
]
