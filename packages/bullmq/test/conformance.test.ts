import { describeConnector } from '@tourniquet/testkit/conformance'
import { bullmq } from './kind.ts'

describeConnector({ ...bullmq, name: 'rr.run of BullMQRoundRobin' })
