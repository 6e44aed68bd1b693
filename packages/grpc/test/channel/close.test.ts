import { connectivityState, credentials, Metadata, status } from '@grpc/grpc-js'
import { startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { GrpcRoundRobin } from '../../src/index.ts'
import { ask, clientOn, follow, numbers, upTo } from './calls.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'
import { twoServers } from './two-servers.ts'

/** Who is answered when the test says so; Count when it has sent half. */
function held() {
  const asked = moment()
  const answer = moment()
  const handlers: Handlers = {
    Who: async (_call, callback) => {
      asked.reach()
      await answer.reached
      callback(null, reply())
    },
    Exec: (_call, callback) => callback(null, reply()),
    Count: async (call) => {
      call.write(reply({ number: 1 }))
      await answer.reached
      call.write(reply({ number: 2 }))
      call.end()
    },
  }
  return { handlers, asked: asked.reached, answer: () => answer.reach() }
}

describe.each(subjects)('close of $name', ({ open }) => {
  it('a unary call in flight gets its reply', async () => {
    const { handlers, asked, answer } = held()
    await using server = await serve(handlers)
    await using opened = open(server.target)
    const call = ask(clientOn(opened.channel), 'who')
    await asked
    opened.channel.close()
    answer()
    expect((await call).messages).toHaveLength(1)
  })

  it('a stream in flight comes to its end', async () => {
    const { handlers, answer } = held()
    await using server = await serve(handlers)
    await using opened = open(server.target)
    const { told, ended } = follow(clientOn(opened.channel).count({}))
    await waitFor(() => told.messages.length === 1)
    opened.channel.close()
    answer()
    expect(numbers((await ended).messages)).toEqual(upTo(2))
    expect(told.status?.code).toBe(status.OK)
  })

  it('calls that wait for a connection end with UNAVAILABLE', async () => {
    await using server = await serve(held().handlers)
    await using proxy = await startProxy(server)
    await proxy.mute()
    await using opened = open(`${proxy.host}:${proxy.port}`)
    const client = clientOn(opened.channel)
    const calls = [ask(client, 'who'), follow(client.count({})).ended, follow(client.chat()).ended]
    await waitFor(() => proxy.accepted > 0)
    opened.channel.close()
    for (const call of calls) expect((await call).error?.code).toBe(status.UNAVAILABLE)
  })

  it('createCall throws afterwards', async () => {
    await using server = await serve({})
    await using opened = open(server.target)
    const { channel } = opened
    channel.close()
    const create = () => channel.createCall('/a.B/C', Number.POSITIVE_INFINITY, null, null, null)
    expect(create).toThrow(new Error('Channel has been shut down'))
    expect(channel.getConnectivityState(false)).toBe(connectivityState.SHUTDOWN)
  })

  it('may be done twice, also by a client', async () => {
    await using server = await serve({ Exec: (_call, callback) => callback(null, reply()) })
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    await ask(client, 'exec')
    client.close()
    opened.channel.close()
    expect(opened.channel.getConnectivityState(false)).toBe(connectivityState.SHUTDOWN)
  })
})

describe('close of one channel of a GrpcRoundRobin', () => {
  it('its other channels go on, on the same connection', async () => {
    const { handlers, answer, asked } = held()
    await using server = await serve(handlers)
    await using proxy = await startProxy(server)
    const rr = new GrpcRoundRobin([`127.0.0.1:${proxy.port}`], { credentials: credentials.createInsecure() })
    const [one, other] = [rr.channel(), rr.channel()]
    const inFlight = ask(clientOn(other), 'who')
    await asked
    one.close()
    answer()
    expect((await inFlight).messages).toHaveLength(1)
    expect((await ask(clientOn(other), 'exec')).messages).toHaveLength(1)
    expect((await ask(clientOn(rr.channel()), 'exec')).messages).toHaveLength(1)
    expect(proxy.accepted).toBe(1)
    await rr.close()
  })

  it('a call that it left in flight, and that then breaks, is sent to no other provider', async () => {
    const { handlers, asked } = held()
    let calls = 0
    const b: Handlers = { Who: (_call, callback) => callback(null, reply({ number: ++calls })) }
    await using servers = await twoServers(handlers, b, { idempotent: true })
    const call = ask(clientOn(servers.channel), 'who')
    await asked
    servers.channel.close()
    await servers.proxyA.reset()
    expect((await call).error?.code).toBe(status.UNAVAILABLE)
    expect(calls).toBe(0)
  })
})

describe('close of a GrpcRoundRobin', () => {
  it('calls in flight on its channels finish, and its connection is closed then', async () => {
    const { handlers, answer, asked } = held()
    await using server = await serve(handlers)
    await using proxy = await startProxy(server)
    const rr = new GrpcRoundRobin([`127.0.0.1:${proxy.port}`], { credentials: credentials.createInsecure() })
    const call = ask(clientOn(rr.channel()), 'who')
    await asked
    const closed = rr.close()
    answer()
    expect((await call).messages).toHaveLength(1)
    await closed
    await waitFor(() => proxy.open === 0)
  })

  it('calls in flight for longer than drainMs end with UNAVAILABLE', async () => {
    const { handlers, asked } = held()
    await using server = await serve(handlers)
    const rr = new GrpcRoundRobin([server.target], { credentials: credentials.createInsecure() })
    const call = ask(clientOn(rr.channel()), 'who')
    await asked
    await rr.close({ drainMs: 50 })
    expect((await call).error?.code).toBe(status.UNAVAILABLE)
  })

  it('calls that wait for a connection end with UNAVAILABLE', async () => {
    await using server = await serve({})
    await using proxy = await startProxy(server)
    await proxy.mute()
    const rr = new GrpcRoundRobin([`127.0.0.1:${proxy.port}`], { credentials: credentials.createInsecure() })
    const call = ask(clientOn(rr.channel()), 'who')
    await waitFor(() => proxy.accepted > 0)
    await rr.close({ drainMs: 0 })
    expect((await call).error?.code).toBe(status.UNAVAILABLE)
  })

  it('later calls on its channels end with UNAVAILABLE, those with waitForReady too', async () => {
    await using server = await serve({})
    const rr = new GrpcRoundRobin([server.target], { credentials: credentials.createInsecure() })
    const client = clientOn(rr.channel())
    await rr.close()

    const metadata = new Metadata({ waitForReady: true })
    expect((await ask(client, 'who')).error?.code).toBe(status.UNAVAILABLE)
    expect((await ask(client, 'who', {}, { metadata })).error?.code).toBe(status.UNAVAILABLE)
  })

  it('its channels are SHUTDOWN afterwards, and tell their watchers', async () => {
    await using server = await serve({ Exec: (_call, callback) => callback(null, reply()) })
    const rr = new GrpcRoundRobin([server.target], { credentials: credentials.createInsecure() })
    const channel = rr.channel()
    await ask(clientOn(channel), 'exec')
    const told = moment<Error | undefined>()
    channel.watchConnectivityState(connectivityState.READY, Date.now() + 30_000, told.reach)
    await rr.close()
    expect(await told.reached).toBeUndefined()
    expect(channel.getConnectivityState(false)).toBe(connectivityState.SHUTDOWN)
  })
})
