import { describeConnector } from '@tourniquet/testkit/conformance'
import { postgres, viaPool } from './kind.ts'

describeConnector({ ...postgres, name: 'rr.run of PgRoundRobin' })
describeConnector({ ...postgres, name: 'rr.pool() of PgRoundRobin', via: viaPool })
