import { type Channel, Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js'
import { type ProviderReply, type ProviderRequest, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, numbers, texts, upTo } from './calls.ts'
import { type Handlers, moment, reply } from './local-server.ts'
import { twoServers } from './two-servers.ts'

/** A server that takes what streams send, and says nothing. */
function listener() {
  const heard: string[] = []
  let isCancelled = false
  let began = 0
  const listen = (call: ServerDuplexStream<ProviderRequest, ProviderReply>) => {
    began++
    call.on('data', ({ text = '' }: ProviderRequest) => heard.push(text))
    call.on('cancelled', () => {
      isCancelled = true
    })
    call.on('error', () => {})
  }
  const handlers: Handlers = {
    Hang: (call) => listen(call as never),
    Count: (call) => listen(call as never),
    Collect: (call) => listen(call as never),
    Chat: listen,
  }
  return {
    handlers,
    heard,
    get began() {
      return began
    },
    get isCancelled() {
      return isCancelled
    },
  }
}

/** A server that serves all, and counts its calls. */
function worker() {
  let calls = 0
  const handlers: Handlers = {
    Hang: (_call, callback) => {
      calls++
      callback(null, reply({ provider: 'B' }))
    },
    Count: (call) => {
      calls++
      for (const number of upTo(call.request.number ?? 0)) call.write(reply({ provider: 'B', number }))
      call.end()
    },
    Collect: (call, callback) => {
      calls++
      const heard: string[] = []
      call.on('data', ({ text }: ProviderRequest) => heard.push(text ?? ''))
      call.on('end', () => callback(null, reply({ provider: 'B', text: heard.join(), number: heard.length })))
    },
    Chat: (call) => {
      calls++
      call.on('data', ({ text = '' }: ProviderRequest) => call.write(reply({ provider: 'B', text })))
      call.on('end', () => call.end())
    },
  }
  return {
    handlers,
    get calls() {
      return calls
    },
  }
}

const start = {
  unary: (channel: Channel) => ({ ended: ask(clientOn(channel), 'hang') }),
  'server stream': (channel: Channel) => follow(clientOn(channel).count({ number: 3 })),
  'client stream': (channel: Channel) => {
    const { call, ended } = collect(clientOn(channel))
    call.write({ text: '1' })
    return { ended }
  },
  'bidi stream': (channel: Channel) => {
    const call = clientOn(channel).chat()
    call.write({ text: '1' })
    return follow(call)
  },
}
const kinds = Object.entries(start).map(([kind, begin]) => ({ kind, begin }))

describe('a call that breaks before its first message', () => {
  it('idempotent unary: is sent again to the next provider', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true })
    const call = ask(clientOn(servers.channel), 'hang')
    await waitFor(() => a.began)
    await servers.proxyA.reset()
    expect((await call).messages).toEqual([reply({ provider: 'B' })])
  })

  it('idempotent server stream: comes whole from the next provider', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true })
    const { ended } = follow(clientOn(servers.channel).count({ number: 5 }))
    await waitFor(() => a.began)
    await servers.proxyA.reset()
    expect(numbers((await ended).messages)).toEqual(upTo(5))
  })

  it('idempotent client stream: what was sent and what follows reaches the next provider, in order', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true })
    const { call, ended } = collect(clientOn(servers.channel))
    for (const id of upTo(50)) call.write({ text: `${id}` })
    await waitFor(() => a.heard.length === 50)
    await servers.proxyA.reset()
    for (const id of upTo(100).slice(50)) call.write({ text: `${id}` })
    call.end()
    expect(texts((await ended).messages)).toEqual([upTo(100).join()])
  })

  it('idempotent client stream that had ended: reaches the next provider with its end', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true })
    const { call, ended } = collect(clientOn(servers.channel))
    for (const id of upTo(50)) call.write({ text: `${id}` })
    call.end()
    await waitFor(() => a.heard.length === 50)
    await servers.proxyA.reset()
    expect(texts((await ended).messages)).toEqual([upTo(50).join()])
  })

  it('idempotent bidi stream: what was sent and what follows is answered by the next provider, in order', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true })
    const call = clientOn(servers.channel).chat()
    for (const id of upTo(50)) call.write({ text: `${id}` })
    await waitFor(() => a.heard.length === 50)
    await servers.proxyA.reset()
    for (const id of upTo(100).slice(50)) call.write({ text: `${id}` })
    call.end()
    expect(texts((await follow(call).ended).messages)).toEqual(upTo(100).map(String))
  })

  it('idempotent client stream larger than replayBufferBytes: ends with an error, and reaches no other provider', async () => {
    const a = listener()
    const b = worker()
    await using servers = await twoServers(a.handlers, b.handlers, { idempotent: true, replayBufferBytes: 1000 })
    const { call, ended } = collect(clientOn(servers.channel))
    for (const id of upTo(50)) call.write({ text: `${id}`.padEnd(100) })
    await waitFor(() => a.heard.length === 50)
    await servers.proxyA.reset()
    expect((await ended).status?.code).toBe(status.UNAVAILABLE)
    expect(b.calls).toBe(0)
  })

  it('idempotent client stream that outgrows replayBufferBytes while no provider is connected: arrives whole or fails', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { idempotent: true, replayBufferBytes: 1000 })
    await servers.proxyB.freeze()
    const { call, told } = collect(clientOn(servers.channel))
    for (const id of upTo(5)) call.write({ text: `${id}` })
    await waitFor(() => a.heard.length === 5)
    await servers.proxyA.reset()
    await waitFor(() => servers.rr.current === undefined && servers.proxyB.accepted > 0)
    call.write({ text: '6'.repeat(2000) })
    call.end()
    await new Promise(setImmediate)
    await servers.proxyB.pass()
    await waitFor(() => told.status)
    // An error is as good an answer.
    if (!told.error) expect(numbers(told.messages)).toEqual([6])
  })

  it('idempotent client stream whose next message is too large to keep, while no provider is connected, does not hang', async () => {
    const a = listener()
    const b = listener()
    await using servers = await twoServers(a.handlers, b.handlers, { idempotent: true, replayBufferBytes: 1000 })
    await servers.proxyB.freeze()
    const { call, told } = collect(clientOn(servers.channel))
    call.write({ text: '1' })
    await waitFor(() => a.heard.length === 1)
    await servers.proxyA.reset()
    await waitFor(() => servers.rr.current === undefined && servers.proxyB.accepted > 0)
    call.write({ text: '2'.repeat(2000) })
    await servers.proxyB.pass()
    await waitFor(() => told.error || b.heard.length === 2)
  })

  it.each(kinds)(
    '$kind that is not idempotent: ends with UNAVAILABLE and reaches no other provider',
    async ({ begin }) => {
      const a = listener()
      const b = worker()
      await using servers = await twoServers(a.handlers, b.handlers)
      const { ended } = begin(servers.channel)
      await waitFor(() => a.began)
      await servers.proxyA.reset()
      expect((await ended).error).toMatchObject({ code: status.UNAVAILABLE, outcome: 'unknown' })
      expect(b.calls).toBe(0)
    },
  )

  it.each(kinds)(
    '$kind that was never sent: is served by the next provider, though not idempotent',
    async ({ kind, begin }) => {
      const b = worker()
      await using servers = await twoServers({}, b.handlers)
      await servers.proxyA.refuse()
      if (kind === 'client stream') {
        const { call, ended } = collect(clientOn(servers.channel))
        for (const id of upTo(100)) call.write({ text: `${id}` })
        call.end()
        expect(texts((await ended).messages)).toEqual([upTo(100).join()])
      } else if (kind === 'bidi stream') {
        const call = clientOn(servers.channel).chat()
        for (const id of upTo(100)) call.write({ text: `${id}` })
        call.end()
        expect(texts((await follow(call).ended).messages)).toEqual(upTo(100).map(String))
      } else {
        expect((await begin(servers.channel).ended).status?.code).toBe(status.OK)
      }
      expect(b.calls).toBe(1)
    },
  )
})

describe('a stream that breaks after its first answer', () => {
  it('idempotent server stream: its own error surfaces and nothing comes twice', async () => {
    const b = worker()
    const a: Handlers = { Count: (call) => upTo(3).forEach((number) => void call.write(reply({ number }))) }
    await using servers = await twoServers(a, b.handlers, { idempotent: true })
    const { told, ended } = follow(clientOn(servers.channel).count({ number: 5 }))
    await waitFor(() => told.messages.length === 3)
    await servers.proxyA.reset()
    await ended
    expect(numbers(told.messages)).toEqual([1, 2, 3])
    expect(told.error?.code).toBe(status.UNAVAILABLE)
    expect(told.error).toMatchObject({ outcome: 'unknown' })
    expect(told.error).not.toHaveProperty('cause') // what a call says that was given up by the engine
    expect(b.calls).toBe(0)
  })

  it('idempotent bidi stream: its own error surfaces and nothing is sent twice', async () => {
    const b = worker()
    const a: Handlers = { Chat: (call) => void call.once('data', () => call.write(reply({ number: 1 }))) }
    await using servers = await twoServers(a, b.handlers, { idempotent: true })
    const call = clientOn(servers.channel).chat()
    const { told, ended } = follow(call)
    call.write({ text: '1' })
    await waitFor(() => told.messages.length === 1)
    await servers.proxyA.reset()
    expect((await ended).error?.code).toBe(status.UNAVAILABLE)
    expect(b.calls).toBe(0)
  })

  it('idempotent server stream of which only the initial metadata came: its own error surfaces', async () => {
    const b = worker()
    const a: Handlers = { Count: (call) => call.sendMetadata(new Metadata()) }
    await using servers = await twoServers(a, b.handlers, { idempotent: true })
    const { told, ended } = follow(clientOn(servers.channel).count({ number: 5 }))
    await waitFor(() => told.metadata)
    await servers.proxyA.reset()
    expect((await ended).error?.code).toBe(status.UNAVAILABLE)
    expect(told.events).toEqual(['metadata'])
    expect(b.calls).toBe(0)
  })

  it('idempotent unary of which only the initial metadata came: is sent again, and its metadata is told once', async () => {
    const b = worker()
    const sent = moment()
    const a: Handlers = {
      Hang: (call) => {
        call.sendMetadata(new Metadata())
        sent.reach()
      },
    }
    await using servers = await twoServers(a, b.handlers, { idempotent: true })
    const call = ask(clientOn(servers.channel), 'hang')
    await sent.reached
    await servers.proxyA.reset()
    const { events, messages } = await call
    expect(events).toEqual(['metadata', 'message', 'status'])
    expect(messages).toEqual([reply({ provider: 'B' })])
  })

  it('the next call goes to the next provider', async () => {
    const a: Handlers = { Count: (call) => void call.write(reply({ number: 1 })) }
    await using servers = await twoServers(a, worker().handlers)
    const client = clientOn(servers.channel)
    const { told, ended } = follow(client.count({ number: 5 }))
    await waitFor(() => told.messages.length === 1)
    await servers.proxyA.reset()
    await ended
    expect(numbers((await follow(client.count({ number: 5 })).ended).messages)).toEqual(upTo(5))
  })
})

/** What must have happened before a limit passes, though the machine stands still for a while. */
const PATIENT_MS = 2000

// Each of them waits for a limit to pass: all at the same time.
describe.concurrent('a stream with attemptTimeoutMs', () => {
  it('idempotent server stream that has begun to answer: does not begin again elsewhere', async () => {
    const b = worker()
    const a: Handlers = { Count: (call) => upTo(3).forEach((number) => void call.write(reply({ number }))) }
    await using servers = await twoServers(a, b.handlers, {
      idempotent: true,
      attemptTimeoutMs: PATIENT_MS,
      probeTimeoutMs: 200,
      heartbeatMs: Number.POSITIVE_INFINITY,
    })
    const { told, ended } = follow(clientOn(servers.channel).count({ number: 5 }, new Metadata()))
    await waitFor(() => told.messages.length === 3)
    await servers.proxyA.freeze() // so that the check which follows finds A to blame
    await ended
    expect(numbers(told.messages)).toEqual([1, 2, 3])
    expect(told.error?.code).toBe(status.UNAVAILABLE)
    expect(b.calls).toBe(0)
  })

  it('a call given up after attemptTimeoutMs is cancelled at its server', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, {
      attemptTimeoutMs: PATIENT_MS,
      probeTimeoutMs: 5000,
    })
    const { error } = await ask(clientOn(servers.channel), 'hang')
    expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await waitFor(() => a.isCancelled, { what: 'the server to hear of it' })
  })

  it('a call given up after deadlineMs is cancelled at its server', async () => {
    const a = listener()
    await using servers = await twoServers(a.handlers, worker().handlers, { deadlineMs: PATIENT_MS })
    await servers.rr.connect({ deadlineMs: Number.POSITIVE_INFINITY })
    const { error } = await ask(clientOn(servers.channel), 'hang')
    expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await waitFor(() => a.isCancelled, { what: 'the server to hear of it' })
  })

  it('a listener is told of one status, though the server replies after attemptTimeoutMs', async () => {
    const late = moment<() => void>()
    const a: Handlers = { Hang: (_call, callback) => late.reach(() => callback(null, reply())) }
    await using servers = await twoServers(a, worker().handlers, {
      attemptTimeoutMs: PATIENT_MS,
      probeTimeoutMs: 5000,
    })
    const told: string[] = []
    const call = servers.channel.createCall(
      '/tourniquet.testkit.Provider/Hang',
      Number.POSITIVE_INFINITY,
      null,
      null,
      null,
    )
    const ended = moment()
    call.start(new Metadata(), {
      onReceiveMetadata: () => told.push('metadata'),
      onReceiveMessage: () => told.push('message'),
      onReceiveStatus: ({ code }) => {
        told.push(status[code])
        ended.reach()
      },
    })
    call.sendMessageWithContext({}, Buffer.alloc(0))
    call.halfClose()
    call.startRead()
    await ended.reached
    ;(await late.reached)()
    // The connection's order: when this is answered, the late reply was there.
    await ask(clientOn(servers.channel), 'who')
    expect(told).toEqual(['DEADLINE_EXCEEDED'])
  })
})
