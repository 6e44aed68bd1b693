import { Client, credentials, InterceptingCall, type Interceptor, status } from '@grpc/grpc-js'
import { type GrpcServer, type ProviderReply, providerService, startGrpcServer } from '@tourniquet/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GrpcRoundRobin } from '../../src/index.ts'
import { ProviderClient } from '../provider-client.ts'
import { ask, follow, numbers, texts, upTo } from './calls.ts'
import { type Loaded, LoadedProvider } from './described.ts'
import { subjects } from './subjects.ts'

let server: GrpcServer

beforeAll(async () => {
  server = await startGrpcServer({ name: 'A' })
})
afterAll(() => server[Symbol.asyncDispose]())

/** As generators write one. */
class GeneratedClient extends Client {
  static readonly service = providerService

  who(callback: (error: Error | null, reply?: ProviderReply) => void) {
    const { path, requestSerialize, responseDeserialize } = providerService.Who
    return this.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, callback)
  }
}

describe.each(subjects)('clients on $name by channelOverride', ({ open }) => {
  it('one by proto-loader: all four kinds of calls', async () => {
    await using opened = open(server.target)
    const insecure = credentials.createInsecure()
    const client = new LoadedProvider('', insecure, { channelOverride: opened.channel }) as unknown as Loaded
    expect((await ask(client, 'who')).messages).toMatchObject([{ provider: 'A' }])
    expect(numbers((await follow(client.count({ number: 50 })).ended).messages)).toEqual(upTo(50))
    const collected = new Promise<ProviderReply | undefined>((resolve, reject) => {
      const call = client.collect((error, reply) => (error ? reject(error) : resolve(reply)))
      for (const id of upTo(50)) call.write({ text: `${id}` })
      call.end()
    })
    expect(await collected).toMatchObject({ text: upTo(50).join() })
    const chat = client.chat()
    for (const id of upTo(50)) chat.write({ text: `${id}` })
    chat.end()
    expect(texts((await follow(chat).ended).messages)).toEqual(upTo(50).map(String))
  })

  it('a subclass of Client', async () => {
    await using opened = open(server.target)
    const client = new GeneratedClient('', credentials.createInsecure(), { channelOverride: opened.channel })
    const reply = await new Promise((resolve, reject) => {
      client.who((error, reply) => (error ? reject(error) : resolve(reply)))
    })
    expect(reply).toMatchObject({ provider: 'A' })
    expect(client.getChannel()).toBe(opened.channel)
  })

  it('two clients share it', async () => {
    await using opened = open(server.target)
    const options = { channelOverride: opened.channel }
    const one = new ProviderClient('', credentials.createInsecure(), options)
    const other = new LoadedProvider('', credentials.createInsecure(), options) as unknown as Loaded
    const replies = await Promise.all([ask(one, 'who'), ask(other, 'who')])
    expect(replies.map((told) => told.status?.code)).toEqual([status.OK, status.OK])
  })
})

describe('rr.client', () => {
  it.each([
    ['by proto-loader', LoadedProvider],
    ['by makeGenericClientConstructor', ProviderClient],
    ['a subclass of Client', GeneratedClient],
  ])('makes a client, %s, with its options', async (_how, Constructor) => {
    const rr = new GrpcRoundRobin([server.target], { credentials: credentials.createInsecure() })
    let intercepted = 0
    const counting: Interceptor = (options, nextCall) => {
      intercepted++
      return new InterceptingCall(nextCall(options))
    }
    const client = rr.client<object>(Constructor, { interceptors: [counting] })
    expect(client).toBeInstanceOf(Constructor)
    const call = new Promise<ProviderReply | undefined>((resolve, reject) => {
      const done = (error: Error | null, reply?: ProviderReply) => (error ? reject(error) : resolve(reply))
      if (client instanceof GeneratedClient) client.who(done)
      else (client as Loaded).who({}, done)
    })
    expect(await call).toMatchObject({ provider: 'A' })
    expect(intercepted).toBe(1)
    await rr.close()
  })
})
