import { Metadata, propagate, type ServerUnaryCall, status } from '@grpc/grpc-js'
import { type ProviderReply, type ProviderRequest, startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, follow, type Told, upTo } from './calls.ts'
import { type Handlers, moment, reply, serve } from './local-server.ts'
import { failover, plain, type Subject, subjects } from './subjects.ts'

type Parent = ServerUnaryCall<ProviderRequest, ProviderReply>

/** What the inner server sees. */
function inner() {
  const seen = { began: 0, cancelled: 0, deadline: 0 }
  const handlers: Handlers = {
    Who: (_call, callback) => callback(null, reply()),
    Exec: (_call, callback) => callback({ code: status.NOT_FOUND, details: 'there is none' }),
    Hang: (call) => {
      seen.began++
      seen.deadline = Number(call.getDeadline())
      call.on('cancelled', () => seen.cancelled++)
    },
    Count: (call) => {
      seen.began++
      call.on('cancelled', () => seen.cancelled++)
      call.write(reply({ number: 1 }))
    },
  }
  return { seen, handlers }
}

/** An outer server whose handler makes calls to the inner one through a proxy, and a client of the outer one. */
async function nested({ open }: Subject, work: (parent: Parent, client: ReturnType<typeof clientOn>) => Promise<Told>) {
  const { seen, handlers } = inner()
  const innerServer = await serve(handlers)
  const proxy = await startProxy(innerServer)
  const toInner = open(`${proxy.host}:${proxy.port}`)
  const child = moment<Told>()
  const begun = moment<Parent>()
  const outerServer = await serve({
    Hang: async (parent, callback) => {
      begun.reach(parent)
      child.reach(await work(parent, clientOn(toInner.channel)))
      callback(null, reply())
    },
  })
  const toOuter = plain.open(outerServer.target)
  return {
    seen,
    proxy,
    client: clientOn(toOuter.channel),
    /** What the child call came to. */
    child: child.reached,
    /** The outer call, as its server has it. */
    parent: begun.reached,
    async [Symbol.asyncDispose]() {
      for (const each of [toOuter, outerServer, toInner, proxy, innerServer]) await each[Symbol.asyncDispose]()
    },
  }
}

describe.each(subjects)('a child call on $name', (subject) => {
  it('is cancelled with its parent, at its server too', async () => {
    await using calls = await nested(subject, (parent, client) => ask(client, 'hang', {}, { parent }))
    const outer = ask(calls.client, 'hang')
    await waitFor(() => calls.seen.began)
    outer.cancel()
    expect((await calls.child).error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled by parent call' })
    await waitFor(() => calls.seen.cancelled)
  })

  it('that is a stream is cancelled with its parent', async () => {
    await using calls = await nested(
      subject,
      (parent, client) => follow(client.count({}, new Metadata(), { parent })).ended,
    )
    const outer = ask(calls.client, 'hang')
    await waitFor(() => calls.seen.began)
    outer.cancel()
    expect((await calls.child).error?.code).toBe(status.CANCELLED)
    await waitFor(() => calls.seen.cancelled)
  })

  it('is cancelled with its parent while no provider is connected', async () => {
    await using calls = await nested(subject, (parent, client) => ask(client, 'hang', {}, { parent }))
    await calls.proxy.mute()
    const outer = ask(calls.client, 'hang')
    await waitFor(() => calls.proxy.accepted > 0)
    outer.cancel()
    expect((await calls.child).error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled by parent call' })
    expect(calls.seen.began).toBe(0)
  })

  it('is not cancelled with its parent where its flags say so', async () => {
    await using calls = await nested(subject, (parent, client) =>
      ask(client, 'hang', {}, { parent, propagate_flags: propagate.DEADLINE, deadline: Date.now() + 2000 }),
    )
    const outer = ask(calls.client, 'hang')
    await waitFor(() => calls.seen.began)
    outer.cancel()
    const parent = await calls.parent
    await waitFor(() => parent.cancelled)
    expect((await calls.child).error?.code).toBe(status.DEADLINE_EXCEEDED)
  })

  it("has its parent's deadline, and tells its server", async () => {
    await using calls = await nested(subject, (parent, client) => ask(client, 'hang', {}, { parent }))
    const deadline = Date.now() + 30_000
    const outer = ask(calls.client, 'hang', {}, { deadline })
    await waitFor(() => calls.seen.began)
    expect(Math.abs(calls.seen.deadline - deadline)).toBeLessThan(5000)
    outer.cancel()
    await calls.child
  })

  it('has its own deadline where that is earlier', async () => {
    await using calls = await nested(subject, (parent, client) =>
      ask(client, 'hang', {}, { parent, deadline: Date.now() + 200 }),
    )
    void ask(calls.client, 'hang', {}, { deadline: Date.now() + 30_000 })
    expect((await calls.child).error?.code).toBe(status.DEADLINE_EXCEEDED)
  })

  it("does not have its parent's deadline where its flags say so", async () => {
    await using calls = await nested(subject, (parent, client) =>
      ask(client, 'hang', {}, { parent, propagate_flags: propagate.CANCELLATION }),
    )
    const outer = ask(calls.client, 'hang', {}, { deadline: Date.now() + 30_000 })
    await waitFor(() => calls.seen.began)
    expect(calls.seen.deadline).toBe(Number.POSITIVE_INFINITY)
    outer.cancel()
    await calls.child
  })

  it("ends with its parent's deadline while no provider is connected", async () => {
    await using calls = await nested(subject, (parent, client) => ask(client, 'hang', {}, { parent }))
    await calls.proxy.mute()
    void ask(calls.client, 'hang', {}, { deadline: Date.now() + 2000 })
    // Whichever comes first: the parent is cancelled in the same moment.
    expect([status.DEADLINE_EXCEEDED, status.CANCELLED]).toContain((await calls.child).error?.code)
  })
})

describe('a child call on rr.channel()', () => {
  it('of a parent that was cancelled before: CANCELLED, and no server sees it', async () => {
    await using calls = await nested(failover, async (parent, client) => {
      await waitFor(() => parent.cancelled)
      return ask(client, 'hang', {}, { parent })
    })
    const outer = ask(calls.client, 'hang')
    await calls.parent
    outer.cancel()
    expect((await calls.child).error?.code).toBe(status.CANCELLED)
    expect([calls.seen.began, calls.proxy.accepted]).toEqual([0, 0])
  })

  it.each(['who', 'exec'] as const)('leaves no listener on its parent: %s', async (method) => {
    let before = 0
    let during = 0
    await using calls = await nested(failover, async (parent, client) => {
      before = parent.listenerCount('cancelled')
      for (const _ of upTo(3)) await ask(client, method, {}, { parent })
      const last = ask(client, method, {}, { parent })
      during = parent.listenerCount('cancelled')
      return last
    })
    void ask(calls.client, 'hang')
    await calls.child
    expect(during).toBe(before + 1)
    expect((await calls.parent).listenerCount('cancelled')).toBe(before)
  })

  it('that was cancelled by itself leaves no listener on its parent', async () => {
    let before = 0
    await using calls = await nested(failover, (parent, client) => {
      before = parent.listenerCount('cancelled')
      const call = ask(client, 'hang', {}, { parent })
      call.cancel()
      return call
    })
    void ask(calls.client, 'hang')
    await calls.child
    expect((await calls.parent).listenerCount('cancelled')).toBe(before)
  })
})
