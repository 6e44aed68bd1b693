import { type Client, credentials, status } from '@grpc/grpc-js'
import { ClosedError, InvalidError } from '@tourniquet/core'
import { describe, expect, test } from 'vitest'
import { type GrpcOptions, GrpcRoundRobin, idempotentMethods } from '../src/index.ts'
import { answer, healthCheck, http2Server } from './http2-server.ts'
import { ask, clientOn } from './provider-client.ts'
import { roundRobin, servers } from './servers.ts'

const insecure = credentials.createInsecure()

describe('a source that is no target', () => {
  test.each([
    ['http://127.0.0.1:50051', /must be a gRPC target.*got the URL http:\/\/127.0.0.1:50051: leave out its scheme/],
    ['https://me:secret@host', /got the URL https:\/\/host/],
    ['', /must be a gRPC target.*got ""/],
    ['127.0.0.1 50051', /got "127.0.0.1 50051"/],
    [50051, /got number/],
    [{}, /got undefined/],
    [null, /got object/],
  ])('%j', async (source, message) => {
    expect(() => new GrpcRoundRobin([source as never], { credentials: insecure })).toThrow(InvalidError)
    expect(() => new GrpcRoundRobin([source as never], { credentials: insecure })).toThrow(message)
    const rr = roundRobin(['127.0.0.1:50051'])
    expect(() => rr.setSources([source as never])).toThrow(message)
    expect(rr.providers.length).toBe(1)
  })

  test('its error shows no password', () => {
    const make = () => new GrpcRoundRobin(['https://me:secret@host'], { credentials: insecure })
    expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }))
  })
})

test.each<[string, unknown, RegExp]>([
  ['credentials', {}, /credentials must be a ChannelCredentials.*createInsecure\(\); got undefined/],
  ['credentials', { credentials: { key: 'secret' } }, /credentials must be .*got object$/],
  ['channelOptions', { channelOptions: 1 }, /channelOptions must be an object; got number/],
  ['healthService', { healthService: 1 }, /healthService must be a string; got number/],
  [
    'moveOn',
    { moveOn: ['NOT_FOUND'] },
    /moveOn must be a list of RESOURCE_EXHAUSTED, UNAUTHENTICATED, UNIMPLEMENTED; got "NOT_FOUND"/,
  ],
  ['moveOn', { moveOn: 'UNAUTHENTICATED' }, /moveOn must be a list/],
  ['idempotent', { idempotent: 'yes' }, /idempotent must be true, false or a function/],
  ['replayBufferBytes', { replayBufferBytes: -1 }, /replayBufferBytes \(perCall\) must be 0 or more bytes; got -1/],
  ['replayBufferBytes', { replayBufferBytes: { perChannel: '1' } }, /replayBufferBytes \(perChannel\).*got string/],
  ['an option that there is not', { retries: 3 }, /unknown option retries/],
])('options: %s', (name, options, message) => {
  const given = name === 'credentials' ? options : { credentials: insecure, ...(options as object) }
  expect(() => new GrpcRoundRobin(['127.0.0.1:1'], given as GrpcOptions)).toThrow(InvalidError)
  expect(() => new GrpcRoundRobin(['127.0.0.1:1'], given as GrpcOptions)).toThrow(message)
})

test('options must be there, and idempotentMethods needs services', () => {
  expect(() => new GrpcRoundRobin(['127.0.0.1:1'], undefined as never)).toThrow(
    /options must be an object with credentials/,
  )
  expect(() => idempotentMethods('Greeter' as never)).toThrow(/needs service definitions.*got string/)
})

test('a channel that is used after its close throws, as one of grpc-js does; others go on', async () => {
  const { A } = await servers('A')
  const rr = roundRobin([A.target])
  const channel = rr.channel()
  const client = clientOn(channel)
  await ask(client, 'who')
  channel.close()
  expect(() => client.who({}, () => {})).toThrow('Channel has been shut down')
  expect((await ask(clientOn(rr.channel()), 'who')).provider).toBe('A')
})

test('a call after the close of the whole is told so', async () => {
  const { A } = await servers('A')
  const rr = roundRobin([A.target])
  const client = clientOn(rr.channel())
  await rr.close()
  const error = await ask(client, 'who').catch((failure) => failure)
  expect(error).toMatchObject({ code: status.UNAVAILABLE, outcome: 'not-applied' })
  expect(error.cause).toBeInstanceOf(ClosedError)
})

test('wrong credentials are surfaced, and not tried on every server', async () => {
  const asked: string[] = []
  const refusing = (name: string) =>
    http2Server((stream, path) => {
      if (path === healthCheck) return answer(stream, status.UNIMPLEMENTED)
      asked.push(name)
      answer(stream, status.UNAUTHENTICATED, 'who are you')
    })
  const rr = roundRobin([await refusing('A'), await refusing('B')])
  const call = ask(clientOn(rr.channel()), 'who')
  await expect(call).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details: 'who are you' })
  expect(asked).toEqual(['A'])
})

test('a method that the server does not have (UNIMPLEMENTED) is the caller’s', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target])
  const unknown = new Promise((resolve, reject) => {
    const serialize = () => Buffer.alloc(0)
    const client = clientOn(rr.channel()) as unknown as Client
    const path = '/tourniquet.testkit.Provider/NoSuchMethod'
    client.makeUnaryRequest(path, serialize, serialize, {}, (error, reply) => (error ? reject(error) : resolve(reply)))
  })
  await expect(unknown).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
  expect(rr.current).toBe(A.target)
})

test('a server that is no gRPC server, and one that is not serving, are passed over with a reason', async () => {
  const { A, B } = await servers('A', 'B')
  await A.setServing(false)
  const web = await http2Server((stream) => stream.respond({ ':status': 404 }, { endStream: true }))
  const rr = roundRobin([A.target, web, B.target])
  expect((await ask(clientOn(rr.channel()), 'who')).provider).toBe('B')
  expect(String(rr.providers[0]?.lastError)).toContain('the server is not serving')
  expect(String(rr.providers[1]?.lastError)).toContain('404')
})

test('a health service that the server does not know is said to be so', async () => {
  const { A } = await servers('A')
  const rr = roundRobin([A.target], { healthService: 'no.such.Service' })
  await expect(ask(clientOn(rr.channel()), 'who')).rejects.toMatchObject({
    code: status.UNAVAILABLE,
    details: expect.stringContaining('it has no service no.such.Service'),
  })
  const known = roundRobin([A.target], { healthService: 'tourniquet.testkit.Provider' })
  expect((await ask(clientOn(known.channel()), 'who')).provider).toBe('A')
})

test('a message larger than the limit: a clear error, and the provider stays', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target], {
    idempotent: true,
    channelOptions: { 'grpc.max_receive_message_length': 10, 'grpc.max_send_message_length': 100 },
  })
  const client = clientOn(rr.channel())
  await expect(ask(client, 'exec', { text: 'a reply that is too long' })).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringContaining('larger than'),
  })
  expect(rr.current).toBe(A.target)
  await expect(ask(client, 'exec', { text: 'x'.repeat(200) })).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringContaining('larger than'),
  })
  expect(rr.current).toBe(A.target)
  expect(await B.ledger()).toEqual([])
})
