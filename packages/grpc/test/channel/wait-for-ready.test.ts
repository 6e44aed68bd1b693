import { Metadata, status } from '@grpc/grpc-js'
import { freePort } from '@tourniquet/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, clientOn, collect, follow, numbers, texts, upTo } from './calls.ts'
import { type Handlers, reply, serve } from './local-server.ts'
import { failover, subjects } from './subjects.ts'

const waiting = () => new Metadata({ waitForReady: true })

const obliging: Handlers = {
  Who: (_call, callback) => callback(null, reply()),
  Count: (call) => {
    for (const number of upTo(5)) call.write(reply({ number }))
    call.end()
  },
  Collect: (call, callback) => {
    const heard: string[] = []
    call.on('data', ({ text }) => heard.push(text))
    call.on('end', () => callback(null, reply({ text: heard.join() })))
  },
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(subjects)('waitForReady of a call on $name', ({ open }) => {
  it('without it, a call fails with UNAVAILABLE where no server is', async () => {
    await using opened = open(`127.0.0.1:${await freePort()}`)
    expect((await ask(clientOn(opened.channel), 'who')).error?.code).toBe(status.UNAVAILABLE)
  })

  it('with it, calls wait for their server and are served then', async () => {
    const port = await freePort()
    await using opened = open(`127.0.0.1:${port}`)
    const client = clientOn(opened.channel)
    const unary = ask(client, 'who', {}, { metadata: waiting() })
    const counting = follow(client.count({}, waiting())).ended
    const { call, ended } = collect(client, { metadata: waiting() })
    for (const id of upTo(50)) call.write({ text: `${id}` })
    call.end()
    await ask(client, 'who') // fails: nobody is there
    await using _server = await serve(obliging, { port })
    expect((await unary).messages).toHaveLength(1)
    expect(numbers((await counting).messages)).toEqual(upTo(5))
    expect(texts((await ended).messages)).toEqual([upTo(50).join()])
  })

  it('with it, a call ends at its deadline', async () => {
    await using opened = open(`127.0.0.1:${await freePort()}`)
    const deadline = Date.now() + 500
    const { error } = await ask(clientOn(opened.channel), 'who', {}, { metadata: waiting(), deadline })
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED)
    expect(Date.now()).toBeGreaterThanOrEqual(deadline - 5)
  })

  it('with it, a call can be cancelled', async () => {
    await using opened = open(`127.0.0.1:${await freePort()}`)
    const client = clientOn(opened.channel)
    const call = ask(client, 'who', {}, { metadata: waiting() })
    await ask(client, 'who')
    call.cancel()
    expect((await call).error?.code).toBe(status.CANCELLED)
  })

  it("with it, an application's error ends the call", async () => {
    await using server = await serve({
      Who: (_call, callback) => callback({ code: status.NOT_FOUND, details: 'there is none' }),
    })
    await using opened = open(server.target)
    const { error } = await ask(clientOn(opened.channel), 'who', {}, { metadata: waiting() })
    expect(error?.code).toBe(status.NOT_FOUND)
  })
})

/** The timers of at least `fromMs` and at most `toMs` that were set since, and not cleared. */
function openTimers(fromMs: number, toMs: number): Set<unknown> {
  const open = new Set<unknown>()
  const { setTimeout: set, clearTimeout: clear } = globalThis
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((...parameters: Parameters<typeof set>) => {
    const timer = set(...parameters)
    const ms = Number(parameters[1])
    if (ms >= fromMs && ms <= toMs) open.add(timer)
    return timer
  })
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    open.delete(timer)
    clear(timer)
  })
  return open
}

const AN_HOUR = 3_600_000

describe('waitForReady of a call on rr.channel()', () => {
  it('leaves no timer behind that waits for the deadline', async () => {
    const open = openTimers(AN_HOUR - 60_000, AN_HOUR)
    const port = await freePort()
    await using opened = failover.open(`127.0.0.1:${port}`)
    const client = clientOn(opened.channel)
    const call = ask(client, 'who', {}, { metadata: waiting(), deadline: Date.now() + AN_HOUR })
    expect(open.size).toBe(1)
    for (const _ of upTo(3)) await ask(client, 'who')
    await using _server = await serve(obliging, { port })
    expect((await call).messages).toHaveLength(1)
    expect(open.size).toBe(0)
  })

  it('dials in vain, however many, leave no timers behind that go on for hours', async () => {
    const open = openTimers(AN_HOUR, Number.POSITIVE_INFINITY)
    const port = await freePort()
    const opened = failover.open(`127.0.0.1:${port}`)
    const client = clientOn(opened.channel)
    for (const _ of upTo(3)) await ask(client, 'who')
    await opened[Symbol.asyncDispose]()
    expect(open.size).toBe(0)
  })
})
