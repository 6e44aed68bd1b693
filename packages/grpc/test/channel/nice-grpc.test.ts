import { Metadata as GrpcMetadata, status } from '@grpc/grpc-js'
import { waitFor } from '@tourniquet/testkit'
import { ClientError, createClient, createClientFactory, Metadata, Status } from 'nice-grpc'
import { deadlineMiddleware } from 'nice-grpc-client-middleware-deadline'
import { retryMiddleware } from 'nice-grpc-client-middleware-retry'
import { describe, expect, it } from 'vitest'
import { numbers, texts, upTo } from './calls.ts'
import { LoadedProvider, TsProtoProvider } from './described.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'
import { twoServers } from './two-servers.ts'

/** What hangs shall fail, and soon. */
const bounded = () => ({ signal: AbortSignal.timeout(30_000) })

const obliging: Handlers = {
  Who: (call, callback) => {
    const trailer = new GrpcMetadata()
    trailer.set('trailer', 'last')
    const header = new GrpcMetadata()
    header.set('header', 'first')
    call.sendMetadata(header)
    callback(null, reply({ text: call.metadata.get('tag').join() }), trailer)
  },
  Count: (call) => {
    for (const number of upTo(call.request.number ?? 0)) call.write(reply({ number }))
    call.end()
  },
  Collect: (call, callback) => {
    const heard: string[] = []
    call.on('data', ({ text }) => heard.push(text))
    call.on('end', () => callback(null, reply({ text: heard.join() })))
  },
  Chat: (call) => {
    call.on('data', ({ text }) => call.write(reply({ text })))
    call.on('end', () => call.end())
  },
}

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const heard: T[] = []
  for await (const message of messages) heard.push(message)
  return heard
}

async function* requests(count: number) {
  for (const id of upTo(count)) yield { text: `${id}` }
}

describe.each(subjects)('nice-grpc on $name', ({ open }) => {
  it('all four kinds of calls, with a definition by ts-proto', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const client = createClient(TsProtoProvider, opened.channel)
    expect(await client.who({})).toMatchObject({ provider: 'local' })
    expect(numbers(await all(client.count({ number: 200 }, bounded())))).toEqual(upTo(200))
    expect((await client.collect(requests(200), bounded())).text).toBe(upTo(200).join())
    expect(texts(await all(client.chat(requests(200), bounded())))).toEqual(upTo(200).map(String))
  })

  it('with a definition by proto-loader', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const client = createClient(LoadedProvider.service, opened.channel) as unknown as {
      Who(request: object): Promise<unknown>
    }
    expect(await client.Who({})).toMatchObject({ provider: 'local' })
  })

  it('each message of a bidi stream is answered before the next is written', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const client = createClient(TsProtoProvider, opened.channel)
    let heard = 0
    async function* inTurn() {
      for (const id of upTo(20)) {
        yield { text: `${id}` }
        await waitFor(() => heard === id, { what: `the answer to message ${id}` })
      }
    }
    for await (const _ of client.chat(inTurn(), bounded())) heard++
    expect(heard).toBe(20)
  })

  it('metadata, header and trailer', async () => {
    await using server = await serve(obliging)
    await using opened = open(server.target)
    const told: (string | undefined)[] = []
    const { text } = await createClient(TsProtoProvider, opened.channel).who(
      {},
      {
        metadata: new Metadata({ tag: 'mine' }),
        onHeader: (header) => told.push(header.get('header')),
        onTrailer: (trailer) => told.push(trailer.get('trailer')),
      },
    )
    expect([text, ...told]).toEqual(['mine', 'first', 'last'])
  })

  it('a stream that is no longer read is cancelled at its server', async () => {
    const cancelled = moment()
    await using server = await serve({
      Count: (call) => {
        call.on('cancelled', () => cancelled.reach())
        call.write(reply({ number: 1 }))
      },
    })
    await using opened = open(server.target)
    const { signal } = bounded()
    for await (const _ of createClient(TsProtoProvider, opened.channel).count({}, { signal })) break
    expect(signal.aborted).toBe(false)
    await cancelled.reached
  })

  it('an AbortSignal cancels a call, at its server too', async () => {
    const began = moment()
    const cancelled = moment()
    await using server = await serve({
      Hang: (call) => {
        call.on('cancelled', () => cancelled.reach())
        began.reach()
      },
    })
    await using opened = open(server.target)
    const abort = new AbortController()
    const call = createClient(TsProtoProvider, opened.channel).hang({}, { signal: abort.signal })
    const failed = expect(call).rejects.toMatchObject({ name: 'AbortError' })
    await began.reached
    abort.abort()
    await failed
    await cancelled.reached
  })

  it('the deadline middleware', async () => {
    await using server = await serve({ Hang: () => {} })
    await using opened = open(server.target)
    const client = createClientFactory().use(deadlineMiddleware).create(TsProtoProvider, opened.channel)
    const error = await client.hang({}, { deadline: 200 }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ code: Status.DEADLINE_EXCEEDED })
  })

  it('the retry middleware', async () => {
    let calls = 0
    await using server = await serve({
      Who: (_call, callback) => {
        if (++calls < 3) callback({ code: status.UNAVAILABLE, details: 'not yet' })
        else callback(null, reply())
      },
    })
    await using opened = open(server.target)
    const client = createClientFactory().use(retryMiddleware).create(TsProtoProvider, opened.channel)
    await client.who({}, { retry: true, retryBaseDelayMs: 1, retryMaxAttempts: 5 })
    expect(calls).toBe(3)
  })
})

describe('nice-grpc on rr.channel(), over two servers', () => {
  it('the error of a call that failed over in vain is a ClientError', async () => {
    await using servers = await twoServers({}, {})
    await servers.proxyA.refuse()
    await servers.proxyB.refuse()
    const error = await createClient(TsProtoProvider, servers.channel)
      .who({})
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ code: Status.UNAVAILABLE, path: '/tourniquet.testkit.Provider/Who' })
  })

  it('a stream that was never sent is served by the next provider', async () => {
    await using servers = await twoServers({}, obliging)
    await servers.proxyA.refuse()
    const client = createClient(TsProtoProvider, servers.channel)
    expect(texts(await all(client.chat(requests(50), bounded())))).toEqual(upTo(50).map(String))
  })
})
