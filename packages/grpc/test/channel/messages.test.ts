import { type Client, compressionAlgorithms, status } from '@grpc/grpc-js'
import { startProxy } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, texts, upTo } from './calls.ts'
import { type Handlers, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'
import { twoServers } from './two-servers.ts'

const echo: Handlers = {
  Who: (_call, callback) => callback(null, reply()),
  Exec: (call, callback) => callback(null, reply({ text: call.request.text ?? '' })),
  Collect: (call, callback) => {
    const heard: string[] = []
    call.on('data', ({ text }) => heard.push(text))
    call.on('end', () => callback(null, reply({ text: heard.join('') })))
  },
  Chat: (call) => {
    call.on('data', ({ text }) => call.write(reply({ text })))
    call.on('end', () => call.end())
  },
}

/** A unary call with serialisers of its own. */
function raw(
  client: object,
  { serialize = () => Buffer.alloc(0), deserialize = () => '' }: Partial<Record<string, (value: never) => unknown>>,
) {
  return new Promise<{ code: status; details: string } | null>((resolve) => {
    ;(client as Client).makeUnaryRequest(
      '/tourniquet.testkit.Provider/Who',
      serialize as (value: object) => Buffer,
      deserialize as (bytes: Buffer) => object,
      {},
      (error) => resolve(error),
    )
  })
}

function fails(): never {
  throw new Error('not today')
}

describe.each(subjects)('messages of $name', ({ open }) => {
  it('are compressed with grpc.default_compression_algorithm', async () => {
    await using server = await serve(echo)
    await using proxy = await startProxy(server)
    await using opened = open(`${proxy.host}:${proxy.port}`, {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    })
    const client = clientOn(opened.channel)
    const text = 'x'.repeat(1_000_000)
    expect((await ask(client, 'exec', { text })).messages[0]?.text === text).toBe(true)
    const { call, ended } = collect(client)
    for (const _ of upTo(5)) call.write({ text })
    call.end()
    expect((await ended).status?.code).toBe(status.RESOURCE_EXHAUSTED) // 5 MB come back, 4 MB may
    expect(proxy.bytesUp).toBeLessThan(100_000)
  })

  it('compressed or not, a bidi stream is complete and in order', async () => {
    await using server = await serve(echo)
    await using opened = open(server.target, { 'grpc.default_compression_algorithm': compressionAlgorithms.deflate })
    const call = clientOn(opened.channel).chat()
    for (const id of upTo(200)) call.write({ text: `${id}` })
    call.end()
    expect(texts((await follow(call).ended).messages)).toEqual(upTo(200).map(String))
  })

  it('a reply above grpc.max_receive_message_length: RESOURCE_EXHAUSTED, with both sizes', async () => {
    await using server = await serve(echo)
    await using opened = open(server.target, { 'grpc.max_receive_message_length': 1000 })
    const client = clientOn(opened.channel)
    const { error } = await ask(client, 'exec', { text: 'x'.repeat(5000) })
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(error?.details).toMatch(/^Received message larger than max \(\d+ vs\.? 1000\)$/)
    expect((await ask(client, 'exec', { text: 'small' })).messages).toHaveLength(1)
  })

  it('a request above grpc.max_send_message_length: RESOURCE_EXHAUSTED, and it reaches no server', async () => {
    let calls = 0
    await using server = await serve({ ...echo, Exec: (_call, callback) => callback(null, reply({ number: ++calls })) })
    await using opened = open(server.target, { 'grpc.max_send_message_length': 1000 })
    const client = clientOn(opened.channel)
    const { error } = await ask(client, 'exec', { text: 'x'.repeat(5000) })
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED)
    await ask(client, 'who')
    expect(calls).toBe(0)
  })

  it('a request that cannot be serialised: INTERNAL, and the channel serves the next call', async () => {
    await using server = await serve(echo)
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    expect(await raw(client, { serialize: fails })).toMatchObject({
      code: status.INTERNAL,
      details: 'Request message serialization failure: not today',
    })
    expect((await ask(client, 'who')).messages).toHaveLength(1)
  })

  it('a reply that cannot be parsed: INTERNAL, and the channel serves the next call', async () => {
    await using server = await serve(echo)
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    expect(await raw(client, { deserialize: fails })).toMatchObject({
      code: status.INTERNAL,
      details: 'Response message parsing error: not today',
    })
    expect((await ask(client, 'who')).messages).toHaveLength(1)
  })
})

describe('messages of rr.channel(), over two servers', () => {
  it.each([
    ['a reply that is too large', { 'grpc.max_receive_message_length': 1000 }],
    ['a request that is too large', { 'grpc.max_send_message_length': 1000 }],
  ])('%s is no fault of its provider: no other is asked', async (_what, channelOptions) => {
    let calls = 0
    const b: Handlers = { Exec: (_call, callback) => callback(null, reply({ number: ++calls })) }
    await using servers = await twoServers(echo, b, { idempotent: true, channelOptions })
    const { error } = await ask(clientOn(servers.channel), 'exec', { text: 'x'.repeat(5000) })
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED)
    expect([calls, servers.rr.current]).toEqual([0, servers.rr.providers[0]?.source])
  })

  it('a reply that cannot be parsed is no fault of its provider: no other is asked', async () => {
    let calls = 0
    const b: Handlers = { Who: (_call, callback) => callback(null, reply({ number: ++calls })) }
    await using servers = await twoServers(echo, b, { idempotent: true })
    expect(await raw(clientOn(servers.channel), { deserialize: fails })).toMatchObject({ code: status.INTERNAL })
    expect([calls, servers.rr.current]).toEqual([0, servers.rr.providers[0]?.source])
  })
})
