import { type Channel, Client, credentials, makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import { GrpcConnector, GrpcRoundRobin } from '../src/index.ts'
import { type GrpcServer, type ProviderReply, providerService, startGrpcServer } from '@tourniquet/testkit'
import { describeConnector } from '@tourniquet/testkit/conformance'
