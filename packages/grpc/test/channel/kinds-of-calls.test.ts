import { type Client, connectivityState, Metadata, status } from '@grpc/grpc-js'
import { type GrpcServer, startGrpcServer } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, numbers, texts, upTo } from './calls.ts'
import { subjects } from './subjects.ts'

let server: GrpcServer

beforeAll(async () => {
  server = await startGrpcServer({ name: 'A' })
})
afterAll(() => server[Symbol.asyncDispose]())

// Each test opens a channel of its own, so that its first messages are written before any connection exists.
describe.each(subjects)('calls of $name', ({ name, open }) => {
  it('a unary call gets its reply', async () => {
    await using opened = open(server.target)
    const { messages, status: ended } = await ask(clientOn(opened.channel), 'who')
    expect(messages).toEqual([{ provider: 'A', text: '', number: 0 }])
    expect(ended?.code).toBe(status.OK)
  })

  it('a unary call is executed once', async () => {
    await using opened = open(server.target)
    await ask(clientOn(opened.channel), 'exec', { text: `once ${name}` })
    expect((await server.ledger()).filter((id) => id === `once ${name}`)).toHaveLength(1)
  })

  it('each of 300 calls made at once before there is a connection gets its own reply', async () => {
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    expect(opened.channel.getConnectivityState(false)).toBe(connectivityState.IDLE)
    const replies = await Promise.all(upTo(300).map((id) => ask(client, 'exec', { text: `${id}` })))
    expect(replies.map(({ messages }) => messages[0]?.text)).toEqual(upTo(300).map(String))
  })

  it('a server stream arrives complete and in order', async () => {
    await using opened = open(server.target)
    const { messages, status: ended } = await follow(clientOn(opened.channel).count({ number: 3000 })).ended
    expect(numbers(messages)).toEqual(upTo(3000))
    expect(ended?.code).toBe(status.OK)
  })

  it('a server stream without messages ends', async () => {
    await using opened = open(server.target)
    const { messages, status: ended } = await follow(clientOn(opened.channel).count({ number: 0 })).ended
    expect([messages, ended?.code]).toEqual([[], status.OK])
  })

  it('a client stream written before there is a connection arrives complete and in order', async () => {
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    for (const id of upTo(1000)) call.write({ text: `${id}` })
    call.end()
    expect((await ended).messages).toEqual([{ provider: 'A', text: upTo(1000).join(), number: 1000 }])
  })

  it('a client stream whose messages are empty arrives complete', async () => {
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    for (const _ of upTo(100)) call.write({})
    call.end()
    expect(numbers((await ended).messages)).toEqual([100])
  })

  it('a client stream without messages gets its reply', async () => {
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    call.end()
    expect(numbers((await ended).messages)).toEqual([0])
  })

  it('a client stream that ends long after its last message gets its reply', async () => {
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    await new Promise((resolve) => call.write({ text: 'only' }, resolve))
    await new Promise(setImmediate)
    call.end()
    expect(texts((await ended).messages)).toEqual(['only'])
  })

  it('a bidi stream written before there is a connection arrives complete and in order, both ways', async () => {
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    for (const id of upTo(1000)) call.write({ text: `${id}` })
    call.end()
    const { messages, status: ended } = await follow(call).ended
    expect(texts(messages)).toEqual(upTo(1000).map(String))
    expect(ended?.code).toBe(status.OK)
  })

  it('a bidi stream answers each message before the next is written', async () => {
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat(new Metadata(), { deadline: Date.now() + 30_000 })
    const heard: number[] = []
    call.write({ text: '1' })
    for await (const { number } of call as AsyncIterable<{ number: number }>) {
      heard.push(number)
      if (number < 20) call.write({ text: `${number + 1}` })
      else call.end()
    }
    expect(heard).toEqual(upTo(20))
  })

  it('a message of 3 MB arrives whole, both ways', async () => {
    await using opened = open(server.target)
    const text = 'x'.repeat(3_000_000)
    const { messages } = await ask(clientOn(opened.channel), 'exec', { text })
    expect(messages[0]?.text === text).toBe(true) // a diff of it helps nobody
  })

  it('a stream of large messages arrives complete and in order', async () => {
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    for (const id of upTo(10)) call.write({ text: `${id} `.padEnd(500_000, 'x') })
    call.end()
    const { messages } = await follow(call).ended
    expect(messages.map(({ text }) => [text.length, Number.parseInt(text, 10)])).toEqual(
      upTo(10).map((id) => [500_000, id]),
    )
  })

  it("an application's error arrives with its code and details", async () => {
    await using opened = open(server.target)
    const { error } = await ask(clientOn(opened.channel), 'fail', { number: status.NOT_FOUND, text: 'there is none' })
    expect(error).toMatchObject({
      code: status.NOT_FOUND,
      details: 'there is none',
      message: '5 NOT_FOUND: there is none',
    })
  })

  it('a method that the server does not know is UNIMPLEMENTED', async () => {
    await using opened = open(server.target)
    const { error } = await new Promise<{ error: unknown }>((resolve) => {
      const client = clientOn(opened.channel) as unknown as Client
      const asIs = (bytes: Buffer) => bytes
      client.makeUnaryRequest('/none.None/None', asIs, asIs, Buffer.alloc(0), (error) => resolve({ error }))
    })
    expect(error).toMatchObject({ code: status.UNIMPLEMENTED })
  })
})
