import { describeLedger } from '@tourniquet/testkit/conformance'
import { redis, viaClient } from './kind.ts'

describeLedger({ ...redis, name: 'rr.client() of RedisRoundRobin', via: viaClient }, { operations: 50_000, strikes: 50 })
