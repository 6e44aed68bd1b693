import { startRedis } from '@tourniquet/testkit'
import { describeLedger } from '@tourniquet/testkit/conformance'
import { redis, viaClient } from './kind.ts'

// What was acknowledged is on the disk: a server that was killed has it when it is back.
const durable = ['--appendonly', 'yes', '--appendfsync', 'always']
const start = (name: string) => startRedis({ name, args: durable })

describeLedger(
  { ...redis, start, name: 'rr.client() of RedisRoundRobin', via: viaClient },
  { operations: 50_000, strikes: 50 },
)
