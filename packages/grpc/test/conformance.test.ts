import { describeConnector } from '@tourniquet/testkit/conformance'
import { grpc, viaChannel } from './kind.ts'

describeConnector({ ...grpc, name: 'rr.run of GrpcRoundRobin' })
describeConnector({ ...grpc, name: 'rr.channel() of GrpcRoundRobin', via: viaChannel })
