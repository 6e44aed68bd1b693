import { type Channel, connectivityState as State } from '@grpc/grpc-js'
import { freePort, startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn } from './calls.ts'
import { type LocalServer, moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'

const SOON = () => Date.now() + 20_000

const who = {
  Who: (_call: unknown, callback: (error: null, value: ReturnType<typeof reply>) => void) => callback(null, reply()),
}

/** A server behind a fault proxy. */
async function behindProxy() {
  const server = await serve(who)
  const proxy = await startProxy(server)
  return {
    proxy,
    target: `${proxy.host}:${proxy.port}`,
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Resolves when the channel is no longer in the state. */
function left(channel: Channel, state: State, deadline: Date | number = SOON()): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.watchConnectivityState(state, deadline, (error) => (error ? reject(error) : resolve()))
  })
}

function ready(channel: Channel, deadline: Date | number = SOON()): Promise<void> {
  return new Promise((resolve, reject) => {
    clientOn(channel).waitForReady(deadline, (error) => (error ? reject(error) : resolve()))
  })
}

describe.each(subjects)('the connectivity of $name', ({ open }) => {
  it('is IDLE at first, and to ask for it dials nobody', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    expect(opened.channel.getConnectivityState(false)).toBe(State.IDLE)
    await new Promise(setImmediate)
    expect(opened.channel.getConnectivityState(false)).toBe(State.IDLE)
    expect(server.proxy.accepted).toBe(0)
  })

  it('goes from IDLE to CONNECTING to READY when asked to connect', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    await server.proxy.freeze()
    const { channel } = opened
    expect(channel.getConnectivityState(true)).toBe(State.IDLE)
    await left(channel, State.IDLE)
    expect(channel.getConnectivityState(false)).toBe(State.CONNECTING)
    await waitFor(() => server.proxy.accepted > 0)
    const isReady = left(channel, State.CONNECTING)
    await server.proxy.pass()
    await isReady
    expect(channel.getConnectivityState(false)).toBe(State.READY)
  })

  it('a call takes it from IDLE to CONNECTING while its server is mute', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    await server.proxy.freeze()
    const { channel } = opened
    const hasLeft = left(channel, State.IDLE)
    const call = ask(clientOn(channel), 'who')
    await hasLeft
    expect(channel.getConnectivityState(false)).toBe(State.CONNECTING)
    await server.proxy.pass()
    expect((await call).messages).toHaveLength(1)
    expect(channel.getConnectivityState(false)).toBe(State.READY)
  })

  it('leaves READY when the connection is lost', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    const isLost = left(channel, State.READY)
    await server.proxy.refuse()
    await server.proxy.reset()
    await isLost
    expect(channel.getConnectivityState(false)).not.toBe(State.READY)
  })

  it('comes back to READY after a loss when asked to connect', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    const isLost = left(channel, State.READY)
    server.proxy.cut()
    await isLost
    channel.getConnectivityState(true)
    await waitFor(() => channel.getConnectivityState(false) === State.READY)
  })

  it('waitForReady connects again after a loss', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    const isLost = left(channel, State.READY)
    server.proxy.cut()
    await isLost
    await ready(channel)
    expect(server.proxy.accepted).toBe(2)
  })

  it('a call brings it back to READY after a loss', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    const isLost = left(channel, State.READY)
    server.proxy.cut()
    await isLost
    await ask(clientOn(channel), 'who')
    expect(channel.getConnectivityState(false)).toBe(State.READY)
  })

  it('a watcher is told at the next change only', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    let told = 0
    channel.watchConnectivityState(State.READY, Number.POSITIVE_INFINITY, () => told++)
    await ask(clientOn(channel), 'who')
    expect(told).toBe(0)
    server.proxy.cut()
    await waitFor(() => told > 0)
    await ask(clientOn(channel), 'who')
    expect(told).toBe(1)
  })

  it('a watcher whose deadline passes gets an error', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const message = 'Deadline passed without connectivity state change'
    const from = Date.now()
    await expect(left(opened.channel, State.IDLE, new Date(from + 100))).rejects.toThrow(message)
    expect(Date.now() - from).toBeGreaterThanOrEqual(95) // timers may come a little early
  })

  it('a watcher whose deadline has passed gets an error, and not at once', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    let isReturned = false
    const told = moment<[Error | undefined, boolean]>()
    opened.channel.watchConnectivityState(State.IDLE, Date.now() - 1000, (error) => told.reach([error, isReturned]))
    isReturned = true
    expect(await told.reached).toEqual([expect.any(Error), true])
  })

  it('waitForReady connects', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    await ready(opened.channel)
    expect(server.proxy.accepted).toBe(1)
    expect(opened.channel.getConnectivityState(false)).toBe(State.READY)
  })

  it('waitForReady calls back where the channel is READY already', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    await ready(opened.channel)
    await ready(opened.channel)
  })

  it('waitForReady fails at its deadline where the server is mute', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    await server.proxy.mute()
    await expect(ready(opened.channel, Date.now() + 200)).rejects.toThrow('Failed to connect before the deadline')
  })

  it('waitForReady waits for a server that is started later', async () => {
    const port = await freePort()
    await using opened = open(`127.0.0.1:${port}`)
    const isReady = ready(opened.channel)
    await ask(clientOn(opened.channel), 'who') // fails: nobody is there
    await using _server: LocalServer = await serve(who, { port })
    await isReady
    expect(opened.channel.getConnectivityState(false)).toBe(State.READY)
  })

  it('is SHUTDOWN after close, and tells its watchers', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const { channel } = opened
    await ready(channel)
    const hasLeft = left(channel, State.READY)
    channel.close()
    await hasLeft
    expect(channel.getConnectivityState(false)).toBe(State.SHUTDOWN)
    expect(() => channel.watchConnectivityState(State.SHUTDOWN, 0, () => {})).toThrow('Channel has been shut down')
  })

  it('getTarget names the server, before and after it is connected', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    expect(opened.channel.getTarget()).toContain(server.target)
    await ready(opened.channel)
    expect(opened.channel.getTarget()).toContain(server.target)
  })

  it('getPeer of a call is the address of its server once it is answered', async () => {
    await using server = await behindProxy()
    await using opened = open(server.target)
    const call = ask(clientOn(opened.channel), 'who')
    expect(call.getPeer()).toContain(server.target)
    await call
    expect(call.getPeer()).toBe(server.target)
  })
})
