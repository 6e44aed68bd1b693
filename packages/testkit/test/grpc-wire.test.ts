import { createRequire } from 'node:module'
import { credentials, loadPackageDefinition, makeGenericClientConstructor } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { type GrpcMethod, type ProviderRequest, providerService, startGrpcServer } from '../src/index.ts'
import { program } from '../src/program.ts'

// grpc-js has a loader of .proto files among its own dependencies.
const { loadSync } = createRequire(createRequire(import.meta.url).resolve('@grpc/grpc-js'))('@grpc/proto-loader')
const loaded: Record<string, GrpcMethod<ProviderRequest, object, boolean, boolean>> = loadSync(
  program('grpc-provider.proto'),
  { defaults: true },
)['tourniquet.testkit.Provider']

test('the .proto describes the same methods', () => {
  expect(Object.keys(loaded)).toEqual(Object.keys(providerService))
  for (const [name, { path, originalName, requestStream, responseStream }] of Object.entries(providerService)) {
    expect(loaded[name]).toMatchObject({ path, originalName, requestStream, responseStream })
  }
})

test.each([
  ['nothing', {}],
  ['small values', { text: 'a', number: 1, delayMs: 2 }],
  ['the largest and a negative number', { number: -1, delayMs: 2 ** 31 - 1 }],
  ['the least number and a long text', { text: 'é\u0000𝄞'.repeat(1_000), number: -(2 ** 31), delayMs: 300 }],
])('writes and reads what protobuf does: %s', (_, request) => {
  const { Who } = providerService
  const bytes = Who.requestSerialize(request)
  const whole = { text: '', number: 0, delayMs: 0, ...request }
  expect(bytes).toEqual(Buffer.from(loaded.Who?.requestSerialize(request) ?? []))
  expect(loaded.Who?.requestDeserialize(bytes)).toEqual(whole)
  expect(Who.requestDeserialize(bytes)).toEqual(whole)
})

test('skips the fields it does not know, and refuses what is no message', () => {
  const { requestDeserialize } = providerService.Who
  const unknown = ['5801', '5900000000000000ff', '5a0161', '5d000000ff'] // field 11 as each wire type
  expect(requestDeserialize(Buffer.from(`${unknown.join('')}1007`, 'hex'))).toEqual({ text: '', number: 7, delayMs: 0 })
  expect(() => requestDeserialize(Buffer.from('0a05', 'hex'))).toThrow('the message ends too early')
  expect(() => requestDeserialize(Buffer.from('0b', 'hex'))).toThrow('wire type 3 is not known')
})

test('a client made from the .proto, and one made from providerService, are served alike', async () => {
  await using server = await startGrpcServer({ name: 'A' })
  const generic = makeGenericClientConstructor(providerService, 'Provider')
  const fromProto = loadPackageDefinition({ Provider: loaded }).Provider as typeof generic
  for (const Constructor of [generic, fromProto]) {
    const client = new Constructor(server.target, credentials.createInsecure())
    onTestFinished(() => client.close())
    const reply = await new Promise((resolve, reject) => {
      client.Exec?.({ text: 'id' }, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)))
    })
    expect(reply).toMatchObject({ provider: 'A' })
  }
  expect(await server.ledger()).toEqual(['id', 'id'])
})
