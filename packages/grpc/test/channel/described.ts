import { join } from 'node:path'
import { type Client, type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { type ProviderReply, type ProviderRequest, providerService } from '@tourniquet/testkit'
import type { ProviderClient } from '../provider-client.ts'

// The testkit's service as the tools of the trade describe it. In all of them Who has no side effects, Count is
// idempotent, and nothing is said of Exec.

const proto = join(import.meta.dirname, '../fixtures/provider.proto')
const { tourniquet } = loadPackageDefinition(loadSync(proto, { defaults: true }))
const { testkit } = tourniquet as GrpcObject

/** By `@grpc/proto-loader`. */
export const LoadedProvider = (testkit as GrpcObject).Provider as ServiceClientConstructor
export type Loaded = ProviderClient & Client

const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = providerService.Who
const requestType = {
  encode: (message: ProviderRequest) => ({ finish: () => requestSerialize(message) }),
  decode: (bytes: Uint8Array) => requestDeserialize(Buffer.from(bytes)),
  fromPartial: (message: ProviderRequest) => message,
}
const responseType = {
  encode: (message: ProviderReply) => ({ finish: () => responseSerialize(message) }),
  decode: (bytes: Uint8Array) => responseDeserialize(Buffer.from(bytes)),
  fromPartial: (message: ProviderReply) => message,
}

/** As `ts-proto` generates it, for nice-grpc. */
export const TsProtoProvider = {
  name: 'Provider',
  fullName: 'tourniquet.testkit.Provider',
  methods: {
    who: {
      name: 'Who',
      requestType,
      requestStream: false,
      responseType,
      responseStream: false,
      options: { idempotencyLevel: 'NO_SIDE_EFFECTS' },
    },
    exec: { name: 'Exec', requestType, requestStream: false, responseType, responseStream: false, options: {} },
    hang: { name: 'Hang', requestType, requestStream: false, responseType, responseStream: false, options: {} },
    count: {
      name: 'Count',
      requestType,
      requestStream: false,
      responseType,
      responseStream: true,
      options: { idempotencyLevel: 'IDEMPOTENT' },
    },
    collect: { name: 'Collect', requestType, requestStream: true, responseType, responseStream: false, options: {} },
    chat: { name: 'Chat', requestType, requestStream: true, responseType, responseStream: true, options: {} },
  },
} as const
