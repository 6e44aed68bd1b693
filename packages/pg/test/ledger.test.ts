import { describeLedger } from '@tourniquet/testkit/conformance'
import { postgres, viaPool } from './kind.ts'

describeLedger({ ...postgres, name: 'rr.pool() of PgRoundRobin', via: viaPool }, { operations: 20_000, strikes: 50 })
