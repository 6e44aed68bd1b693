import { Metadata, status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, upTo } from './calls.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'

const BYTES = Buffer.from([0, 1, 127, 128, 255])

function metadata(entries: Record<string, string | Buffer | string[]>): Metadata {
  const metadata = new Metadata()
  for (const [key, value] of Object.entries(entries)) for (const each of [value].flat()) metadata.add(key, each)
  return metadata
}

const initial = () => metadata({ initial: ['one', 'two'], 'initial-bin': BYTES })
const trailer = () => metadata({ trailer: ['one', 'two'], 'trailer-bin': BYTES })

/** Each replies with initial metadata and a trailer. */
const talkative: Handlers = {
  Who: (call, callback) => {
    call.sendMetadata(initial())
    callback(null, reply(), trailer())
  },
  Exec: (_call, callback) => callback({ code: status.ABORTED, details: 'no', metadata: trailer() }),
  Count: (call) => {
    call.sendMetadata(initial())
    call.write(reply())
    call.end(trailer())
  },
  Collect: (call, callback) => {
    call.sendMetadata(initial())
    call.resume().on('end', () => callback(null, reply(), trailer()))
  },
  Chat: (call) => {
    call.sendMetadata(initial())
    call.resume().on('end', () => {
      call.write(reply())
      call.end(trailer())
    })
  },
}

const start = {
  unary: (client: ReturnType<typeof clientOn>) => ask(client, 'who'),
  'server stream': (client: ReturnType<typeof clientOn>) => follow(client.count({})).ended,
  'client stream': (client: ReturnType<typeof clientOn>) => {
    const { call, ended } = collect(client)
    call.end()
    return ended
  },
  'bidi stream': (client: ReturnType<typeof clientOn>) => {
    const call = client.chat()
    call.end()
    return follow(call).ended
  },
}
const kinds = Object.entries(start).map(([kind, begin]) => ({ kind, begin }))

describe.each(subjects)('metadata of $name', ({ open }) => {
  it('what the caller sends arrives: text, several values, bytes', async () => {
    const received = moment<Metadata>()
    await using server = await serve({
      Who: (call, callback) => {
        received.reach(call.metadata)
        callback(null, reply())
      },
    })
    await using opened = open(server.target)
    await ask(clientOn(opened.channel), 'who', {}, { metadata: metadata({ text: ['a', 'b'], 'bytes-bin': BYTES }) })
    const got = await received.reached
    expect(got.get('text').join().replaceAll(' ', '')).toBe('a,b')
    expect(got.get('bytes-bin')).toEqual([BYTES])
  })

  it('what the caller changes after the call began is not sent', async () => {
    const received = moment<Metadata>()
    await using server = await serve({
      Who: (call, callback) => {
        received.reach(call.metadata)
        callback(null, reply())
      },
    })
    await using opened = open(server.target)
    const sent = metadata({ text: 'first' })
    const call = ask(clientOn(opened.channel), 'who', {}, { metadata: sent })
    sent.set('text', 'second')
    await call
    expect((await received.reached).get('text')).toEqual(['first'])
  })

  it.each(kinds)('$kind: initial metadata and trailer arrive, each where it belongs', async ({ begin }) => {
    await using server = await serve(talkative)
    await using opened = open(server.target)
    const told = await begin(clientOn(opened.channel))
    expect(told.metadata?.get('initial')).toEqual(['one, two'])
    expect(told.metadata?.get('initial-bin')).toEqual([BYTES])
    expect(told.metadata?.get('trailer')).toEqual([])
    expect(told.status?.metadata.get('trailer')).toEqual(['one, two'])
    expect(told.status?.metadata.get('trailer-bin')).toEqual([BYTES])
    expect(told.events.slice(0, 2)).toEqual(['metadata', 'message'])
  })

  it("an error has the server's trailer", async () => {
    await using server = await serve(talkative)
    await using opened = open(server.target)
    const { error } = await ask(clientOn(opened.channel), 'exec')
    expect(error?.code).toBe(status.ABORTED)
    expect(error?.metadata.get('trailer')).toEqual(['one, two'])
    expect(error?.metadata.get('trailer-bin')).toEqual([BYTES])
  })

  it('a server stream: initial metadata arrives though no message follows', async () => {
    await using server = await serve({ Count: (call) => call.sendMetadata(initial()) })
    await using opened = open(server.target)
    const call = clientOn(opened.channel).count({})
    call.on('error', () => {})
    const received = await new Promise<Metadata>((resolve) => call.on('metadata', resolve))
    call.cancel()
    expect(received.get('initial')).toEqual(['one, two'])
  })

  it('a bidi stream: initial metadata arrives before the first message is written', async () => {
    await using server = await serve(talkative)
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    const { ended } = follow(call)
    call.on('metadata', () => call.end())
    expect((await ended).status?.code).toBe(status.OK)
  })

  it('a bidi stream read by "for await" at once: initial metadata arrives before the first message is written', async () => {
    await using server = await serve(talkative)
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat(new Metadata(), { deadline: Date.now() + 30_000 })
    call.on('metadata', () => call.end())
    let messages = 0
    for await (const _ of call) messages++
    expect(messages).toBe(1)
  })

  it('a server stream read by "for await" at once: each message arrives when it is sent', async () => {
    const heard = moment()
    await using server = await serve({
      Count: async (call) => {
        call.write(reply({ number: 1 }))
        await heard.reached
        call.write(reply({ number: 2 }))
        call.end()
      },
    })
    await using opened = open(server.target)
    const numbers: number[] = []
    const call = clientOn(opened.channel).count({}, new Metadata(), { deadline: Date.now() + 30_000 })
    for await (const { number } of call as AsyncIterable<{ number: number }>) {
      numbers.push(number)
      heard.reach()
    }
    expect(numbers).toEqual(upTo(2))
  })

  it('a client stream: initial metadata arrives before the first message is written', async () => {
    await using server = await serve(talkative)
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel), { deadline: Date.now() + 30_000 })
    call.on('metadata', () => call.end())
    expect((await ended).status?.code).toBe(status.OK)
  })
})
