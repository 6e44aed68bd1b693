import { type ClientReadableStream, status } from '@grpc/grpc-js'
import { type ProviderReply, startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { clientOn, collect, follow, numbers, upTo } from './calls.ts'
import { moment, reply, serve } from './local-server.ts'
import { failover, subjects } from './subjects.ts'

const KIB_64 = 'x'.repeat(2 ** 16)
const KIB_16 = 'x'.repeat(2 ** 14)
const ALL = 400 // 25 MiB, or 6
// What the buffers of HTTP/2, of the sockets and of the streams may hold together, with room to spare.
const SOME = 150

/**
 * Resolves to the number once it has stood still for eighty looks at it, 5 ms apart: they are counted, and not the time,
 * since then a machine that stands still has not settled anything.
 */
async function settled(number: () => number): Promise<number> {
  let last = number()
  let looks = 0
  await waitFor(() => {
    looks = number() === last ? looks + 1 : 0
    last = number()
    return last > 0 && looks > 80
  })
  return last
}

/** Writes as long as it may, and counts. */
function flooding() {
  const seen = { written: 0 }
  const flood = async (call: {
    write(message: ProviderReply): boolean
    once(event: string, listener: () => void): unknown
    end(): unknown
  }) => {
    for (const number of upTo(ALL)) {
      seen.written = number
      if (!call.write(reply({ number, text: KIB_64 })))
        await new Promise<void>((resolve) => call.once('drain', resolve))
    }
    call.end()
  }
  return { seen, flood }
}

async function rest(call: ClientReadableStream<ProviderReply>): Promise<number[]> {
  const messages: ProviderReply[] = []
  for await (const message of call) messages.push(message)
  return numbers(messages)
}

describe.each(subjects)('flow control of $name', ({ open }) => {
  it('a slow reader of a server stream makes the server wait, and then gets all of it', async () => {
    const { seen, flood } = flooding()
    await using server = await serve({ Count: flood })
    await using opened = open(server.target)
    const call = clientOn(opened.channel).count({})
    const first = await new Promise<ProviderReply>((resolve) => call.once('readable', () => resolve(call.read())))
    expect(await settled(() => seen.written)).toBeLessThan(SOME)
    expect([first.number, ...(await rest(call))]).toEqual(upTo(ALL))
  })

  it('a reader of a bidi stream that pauses makes the server wait, and then gets all of it', async () => {
    const { seen, flood } = flooding()
    await using server = await serve({ Chat: flood })
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    call.end()
    const heard: ProviderReply[] = []
    call.on('data', (message: ProviderReply) => {
      heard.push(message)
      if (heard.length === 3) call.pause()
    })
    await waitFor(() => heard.length === 3)
    expect(await settled(() => seen.written)).toBeLessThan(SOME)
    expect(heard).toHaveLength(3)
    const ended = ['status', 'end'].map((event) => new Promise((resolve) => call.on(event, resolve)))
    call.resume()
    expect(await Promise.all(ended)).toMatchObject([{ code: status.OK }, undefined])
    expect(numbers(heard)).toEqual(upTo(ALL))
  })

  it('a server that does not read makes the writer of a client stream wait, and then gets all of it', async () => {
    const read = moment()
    await using server = await serve({
      Collect: async (call, callback) => {
        await read.reached
        let number = 0
        for await (const _ of call) number++
        callback(null, reply({ number }))
      },
    })
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    let written = 0
    for (const _ of upTo(ALL)) call.write({ text: KIB_16 }, () => written++)
    call.end()
    expect(await settled(() => written)).toBeLessThan(SOME)
    read.reach()
    expect(numbers((await ended).messages)).toEqual([ALL])
    expect(written).toBe(ALL)
  })

  it('"drain" comes once a server reads again', async () => {
    const read = moment()
    await using server = await serve({
      Chat: async (call) => {
        await read.reached
        call.resume().on('end', () => call.end())
      },
    })
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    const { ended } = follow(call)
    let isDrained = false
    let written = 0
    for (const _ of upTo(ALL)) call.write({ text: KIB_16 }, () => written++)
    call.on('drain', () => {
      isDrained = true
    })
    await settled(() => written)
    expect(isDrained).toBe(false)
    read.reach()
    await waitFor(() => isDrained)
    call.end()
    expect((await ended).status?.code).toBe(status.OK)
  })
})

describe('flow control of rr.channel(), where no provider is connected', () => {
  it('no write is acknowledged before there is one', async () => {
    await using server = await serve({
      Collect: async (call, callback) => {
        let number = 0
        for await (const _ of call) number++
        callback(null, reply({ number }))
      },
    })
    await using proxy = await startProxy(server)
    await proxy.freeze()
    await using opened = failover.open(`${proxy.host}:${proxy.port}`)
    const { call, ended } = collect(clientOn(opened.channel))
    let written = 0
    for (const id of upTo(100)) call.write({ text: `${id}` }, () => written++)
    call.end()
    await waitFor(() => proxy.accepted > 0)
    expect(written).toBe(0)
    await proxy.pass()
    expect(numbers((await ended).messages)).toEqual([100])
    expect(written).toBe(100)
  })
})
