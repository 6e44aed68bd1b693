import { describeConnector } from '@tourniquet/testkit/conformance'
import { postgres, viaPool } from './kind.ts'

const cannot = { 'G7 nothing is answered after close': 'the client of a run answers nothing once that run has ended' }

describeConnector({ ...postgres, cannot, name: 'rr.run of PgRoundRobin' })
describeConnector({ ...postgres, cannot, name: 'rr.pool() of PgRoundRobin', via: viaPool })
