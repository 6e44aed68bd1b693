import { status } from '@grpc/grpc-js'
import { startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, numbers, upTo } from './calls.ts'
import { type Handlers, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'

const { CANCELLED } = status

/** A server that takes calls, answers Who alone, and knows what became of the others. */
async function patient() {
  const seen = { began: 0, cancelled: 0 }
  const take = (call: { on(event: string, listener: () => void): unknown; resume?: () => void }) => {
    seen.began++
    call.on('cancelled', () => seen.cancelled++)
    call.on('error', () => {})
    call.resume?.()
  }
  const handlers: Handlers = {
    Who: (_call, callback) => callback(null, reply()),
    Hang: take,
    Count: (call) => {
      take({ on: call.on.bind(call) })
      for (const number of upTo(3)) call.write(reply({ number }))
    },
    Collect: take,
    Chat: take,
  }
  const server = await serve(handlers)
  return Object.assign(server, { seen })
}

describe.each(subjects)('cancelling a call of $name', ({ open }) => {
  it('in the breath it was made: CANCELLED, and no server sees it', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    const call = ask(client, 'hang')
    call.cancel()
    expect((await call).error?.code).toBe(CANCELLED)
    await ask(client, 'who')
    expect(server.seen.began).toBe(0)
  })

  it('in the breath it was made, on a connection: CANCELLED', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    await ask(client, 'who')
    const call = ask(client, 'hang')
    call.cancel()
    expect((await call).error).toMatchObject({ code: CANCELLED, details: 'Cancelled on client' })
  })

  it('while the server is mute: CANCELLED at once', async () => {
    await using server = await patient()
    await using proxy = await startProxy(server)
    await proxy.mute()
    await using opened = open(`${proxy.host}:${proxy.port}`)
    const call = ask(clientOn(opened.channel), 'hang')
    await waitFor(() => proxy.accepted > 0)
    call.cancel()
    const from = Date.now()
    expect((await call).error).toMatchObject({ code: CANCELLED, details: 'Cancelled on client' })
    expect(Date.now() - from).toBeLessThan(3000)
  })

  it('while it is not connected yet: it is not sent later', async () => {
    await using server = await patient()
    await using proxy = await startProxy(server)
    await proxy.freeze()
    await using opened = open(`${proxy.host}:${proxy.port}`)
    const client = clientOn(opened.channel)
    const call = ask(client, 'hang')
    await waitFor(() => proxy.accepted > 0)
    call.cancel()
    await call
    await proxy.pass()
    expect((await ask(client, 'who')).messages).toHaveLength(1)
    expect(server.seen.began).toBe(0)
  })

  it('in flight: CANCELLED, and the server is told', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const call = ask(clientOn(opened.channel), 'hang')
    await waitFor(() => server.seen.began)
    call.cancel()
    expect((await call).error?.code).toBe(CANCELLED)
    await waitFor(() => server.seen.cancelled)
  })

  it('a server stream in its middle: CANCELLED with what came before, and the server is told', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const call = clientOn(opened.channel).count({})
    const { told, ended } = follow(call)
    await waitFor(() => told.messages.length === 3)
    call.cancel()
    await ended
    expect([numbers(told.messages), told.error?.code]).toEqual([upTo(3), CANCELLED])
    await waitFor(() => server.seen.cancelled)
  })

  it('a client stream in its middle: CANCELLED, and the server is told', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const { call, ended } = collect(clientOn(opened.channel))
    call.write({ text: '1' })
    await waitFor(() => server.seen.began)
    call.cancel()
    expect((await ended).error?.code).toBe(CANCELLED)
    await waitFor(() => server.seen.cancelled)
  })

  it('a bidi stream in its middle: CANCELLED, and the server is told', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat()
    call.write({ text: '1' })
    const { ended } = follow(call)
    await waitFor(() => server.seen.began)
    call.cancel()
    expect((await ended).error?.code).toBe(CANCELLED)
    await waitFor(() => server.seen.cancelled)
  })

  it('harms no other call', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    const other = client.count({})
    const { told, ended } = follow(other)
    await waitFor(() => told.messages.length === 3)
    const call = ask(client, 'hang')
    await waitFor(() => server.seen.began === 2)
    call.cancel()
    await call
    await ask(client, 'who')
    expect(told.status).toBeUndefined()
    other.cancel()
    await ended
  })

  it('after its end: nothing happens', async () => {
    await using server = await patient()
    await using opened = open(server.target)
    const call = ask(clientOn(opened.channel), 'who')
    const told = await call
    call.cancel()
    await new Promise(setImmediate)
    expect(told.events).toEqual(['metadata', 'message', 'status'])
    expect(told.status?.code).toBe(status.OK)
  })
})
