import { Metadata, status } from '@grpc/grpc-js'
import { startProxy, waitFor } from '@tourniquet/testkit'
import { describe, expect, it } from 'vitest'
import { ask, clientOn, collect, follow, numbers, upTo } from './calls.ts'
import { moment, reply, serve } from './local-server.ts'
import { subjects } from './subjects.ts'

const LIMIT = 5000 // what "at its deadline" means on a busy machine
const { DEADLINE_EXCEEDED } = status

const silent = { Hang: () => {}, Count: () => {}, Collect: () => {}, Chat: () => {} }

describe.each(subjects)('deadlines of $name', ({ open }) => {
  it('a call to a mute server ends at its deadline', async () => {
    await using server = await serve(silent)
    await using proxy = await startProxy(server)
    await proxy.mute()
    await using opened = open(`${proxy.host}:${proxy.port}`)
    const from = Date.now()
    const { error } = await ask(clientOn(opened.channel), 'hang', {}, { deadline: from + 200 })
    expect(error?.code).toBe(DEADLINE_EXCEEDED)
    expect(Date.now() - from).toBeGreaterThanOrEqual(195)
    expect(Date.now() - from).toBeLessThan(LIMIT)
  })

  it('a call that is not answered ends at its deadline, given as a Date', async () => {
    await using server = await serve(silent)
    await using opened = open(server.target)
    const from = Date.now()
    const { error } = await ask(clientOn(opened.channel), 'hang', {}, { deadline: new Date(from + 200) })
    expect(error?.code).toBe(DEADLINE_EXCEEDED)
    expect(Date.now() - from).toBeGreaterThanOrEqual(195)
    expect(Date.now() - from).toBeLessThan(LIMIT)
  })

  it('a call whose deadline has passed ends at once and reaches no server', async () => {
    let calls = 0
    await using server = await serve({ Hang: () => calls++, Who: (_call, callback) => callback(null, reply()) })
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    const { error } = await ask(client, 'hang', {}, { deadline: Date.now() - 1000 })
    await ask(client, 'who')
    expect([error?.code, calls]).toEqual([DEADLINE_EXCEEDED, 0])
  })

  it('a server stream ends at its deadline, with what came before', async () => {
    await using server = await serve({
      Count: (call) => upTo(3).forEach((number) => void call.write(reply({ number }))),
    })
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    await new Promise((resolve) => client.waitForReady(Date.now() + LIMIT, resolve))
    const { messages, error } = await follow(client.count({}, new Metadata(), { deadline: Date.now() + 2000 })).ended
    expect([numbers(messages), error?.code]).toEqual([upTo(3), DEADLINE_EXCEEDED])
  })

  it('a client stream ends at its deadline, while its writer goes on', async () => {
    await using server = await serve(silent)
    await using opened = open(server.target)
    const { call, told, ended } = collect(clientOn(opened.channel), { deadline: Date.now() + 300 })
    const written = waitFor(() => told.status || !call.write({ text: 'more' }))
    expect((await ended).error?.code).toBe(DEADLINE_EXCEEDED)
    await written
  })

  it('a bidi stream ends at its deadline', async () => {
    await using server = await serve(silent)
    await using opened = open(server.target)
    const call = clientOn(opened.channel).chat(new Metadata(), { deadline: Date.now() + 300 })
    call.write({ text: '1' })
    expect((await follow(call).ended).error?.code).toBe(DEADLINE_EXCEEDED)
  })

  it('the server is told the deadline', async () => {
    const seen = moment<number>()
    await using server = await serve({
      Who: (call, callback) => {
        seen.reach(Number(call.getDeadline()))
        callback(null, reply())
      },
    })
    await using opened = open(server.target)
    const deadline = Date.now() + 60_000
    await ask(clientOn(opened.channel), 'who', {}, { deadline })
    expect(Math.abs((await seen.reached) - deadline)).toBeLessThan(LIMIT)
  })

  it('a call without one, or with one further away than a timer can wait, is served', async () => {
    await using server = await serve({ Who: (_call, callback) => callback(null, reply()) })
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    for (const deadline of [Number.POSITIVE_INFINITY, Date.now() + 2 ** 33]) {
      expect((await ask(client, 'who', {}, { deadline })).messages).toHaveLength(1)
    }
  })

  it('a deadline that passes harms no other call', async () => {
    const held = moment<() => void>()
    await using server = await serve({
      Hang: () => {},
      Who: (_call, callback) => held.reach(() => callback(null, reply())),
    })
    await using opened = open(server.target)
    const client = clientOn(opened.channel)
    const other = ask(client, 'who')
    const answer = await held.reached
    await ask(client, 'hang', {}, { deadline: Date.now() + 200 })
    answer()
    expect((await other).messages).toHaveLength(1)
  })
})
