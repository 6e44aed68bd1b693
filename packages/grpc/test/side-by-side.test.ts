// What grpc-js does by itself with several addresses, and what we do, in the same test with the same servers.

import { type Channel, connectivityState, status } from '@grpc/grpc-js'
import { waitFor } from '@tourniquet/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pickFirst, pickFirstWithRetries } from './peers.ts'
import { ask, clientOn, type ProviderClient } from './provider-client.ts'
import { proxyTo, roundRobin, servers } from './servers.ts'

function client(channel: Channel): ProviderClient {
  onTestFinished(() => channel.close())
  return clientOn(channel)
}

/** A peer that is connected to A: where the machine stands still for a quarter of a second, it takes the next address. */
async function withA(open: () => Channel): Promise<{ peer: Channel; theirs: ProviderClient }> {
  for (;;) {
    const peer = open()
    const theirs = client(peer)
    if ((await ask(theirs, 'who')).provider === 'A') return { peer, theirs }
  }
}

async function settled(calls: readonly Promise<unknown>[]) {
  const ends = await Promise.allSettled(calls)
  return { ok: ends.filter((each) => each.status === 'fulfilled').length, all: ends.length }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now()
  return { value: await work(), ms: performance.now() - startedAt }
}

/** What is timed is looked at so often, and the least counts: a machine that stands still can only add to it. */
const LOOKS = 3
const least = (times: readonly number[]) => Math.min(...times)

test('a server that is killed while idle: no call fails, and we are no slower', async () => {
  const { A, B } = await servers('A', 'B')
  const ourTimes: number[] = []
  const theirTimes: number[] = []
  for (let look = 0; look < LOOKS; look++) {
    const rr = roundRobin([A.target, B.target])
    const ours = client(rr.channel())
    const { peer, theirs } = await withA(() => pickFirst([A, B]))
    expect((await ask(ours, 'who')).provider).toBe('A')
    await A.kill()
    await waitFor(() => rr.current !== A.target, { what: 'the loss to be seen' })
    await waitFor(() => peer.getConnectivityState(false) !== connectivityState.READY, { what: 'the peer to see it' })
    const our = await timed(() => ask(ours, 'who'))
    const their = await timed(() => ask(theirs, 'who'))
    expect([our.value.provider, their.value.provider]).toEqual(['B', 'B'])
    ourTimes.push(our.ms)
    theirTimes.push(their.ms)
    await A.restart()
  }
  // A dial and a call: less than that is for a quiet machine to tell (docs/benchmarks.md).
  expect(least(ourTimes)).toBeLessThan(3 * Math.max(least(theirTimes), 50))
})

test('a first address that accepts and says nothing: connected within 300 ms, as pick_first', async () => {
  const { A, B } = await servers('A', 'B')
  const mute = await proxyTo(A)
  await mute.mute()
  const times: number[] = []
  for (let look = 0; look < LOOKS; look++) {
    const ours = client(roundRobin([mute.target, B.target], { hedgeMs: 250 }).channel())
    const our = await timed(() => ask(ours, 'who'))
    expect(our.value.provider).toBe('B')
    times.push(our.ms)
  }
  expect(least(times)).toBeLessThan(3 * 300)
})

test('1,000 idempotent calls in flight when A is killed: all succeed, with one dial to each', async () => {
  const { A, B } = await servers('A', 'B')
  const [toA, toB] = await Promise.all([proxyTo(A), proxyTo(B)])
  // A thousand calls are a second's work, and ten seconds' on a busy machine: it is not for a time limit to end a dial.
  const limits = { connectTimeoutMs: 30_000, heartbeatMs: Number.POSITIVE_INFINITY }
  const rr = roundRobin([toA.target, toB.target], { idempotent: true, ...limits })
  const ours = client(rr.channel())
  await ask(ours, 'who')
  await A.freeze() // so that all of them are in flight
  const calls = Array.from({ length: 1000 }, () => ask(ours, 'who'))
  await waitFor(() => toA.bytesUp > 50_000, { what: 'the calls to be under way' })
  await A.kill()
  toA.cut()
  expect(await settled(calls)).toEqual({ ok: 1000, all: 1000 })
  expect([toA.accepted, toB.accepted]).toEqual([1, 1])
  expect(new Set((await Promise.all(calls)).map(({ provider }) => provider))).toEqual(new Set(['B']))
})

test('a server that answers UNAVAILABLE itself: peers fail, we move', async () => {
  const { A, B } = await servers('A', 'B')
  const said = { number: status.UNAVAILABLE, text: 'shutting down' }
  for (const open of [pickFirst, pickFirstWithRetries]) {
    const { theirs } = await withA(() => open([A, B]))
    await expect(ask(theirs, 'fail', said)).rejects.toMatchObject({ code: status.UNAVAILABLE })
    expect((await ask(theirs, 'who')).provider).toBe('A')
  }
  const rr = roundRobin([A.target, B.target])
  const ours = client(rr.channel())
  await ask(ours, 'who')
  await expect(ask(ours, 'fail', said)).rejects.toMatchObject({ code: status.UNAVAILABLE, outcome: 'unknown' })
  expect((await ask(ours, 'who')).provider).toBe('B')
})

test('a frozen server: peers wait, we move and every idempotent call succeeds', async () => {
  const { A, B } = await servers('A', 'B')
  const peers = [pickFirst, pickFirstWithRetries].map((open) => withA(() => open([A, B])))
  const theirs = (await Promise.all(peers)).map((each) => each.theirs)
  const rr = roundRobin([A.target, B.target], { idempotent: true, heartbeatMs: 200, probeTimeoutMs: 500 })
  const ours = client(rr.channel())
  await ask(ours, 'who')
  await A.freeze()
  const waiting = theirs.map((each) => ask(each, 'who'))
  let isAnswered = false
  for (const each of waiting)
    each.then(
      () => (isAnswered = true),
      () => {},
    )
  const our = await timed(() => ask(ours, 'who'))
  expect(our.value.provider).toBe('B')
  expect(our.ms).toBeLessThan(3 * 700 + 3000) // where the machine stands still, too
  expect(isAnswered).toBe(false)
  await A.thaw()
  await Promise.all(waiting)
})

test('credentials that one server does not accept any more: peers fail, we move where that was opted in', async () => {
  const { A, B } = await servers('A', 'B')
  const refused = { number: status.UNAUTHENTICATED, text: 'the token has expired' }
  const theirs = client(pickFirstWithRetries([A, B]))
  await expect(ask(theirs, 'fail', refused)).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  const plain = roundRobin([A.target, B.target])
  const surfaced = client(plain.channel())
  await expect(ask(surfaced, 'fail', refused)).rejects.toMatchObject({
    code: status.UNAUTHENTICATED,
    details: refused.text,
  })
  expect(plain.current).toBe(A.target)
  const rr = roundRobin([A.target, B.target], { moveOn: ['UNAUTHENTICATED'] })
  const ours = client(rr.channel())
  // All servers refuse this one: each is asked, and the last word reaches the caller.
  await expect(ask(ours, 'fail', refused)).rejects.toMatchObject({
    code: status.UNAUTHENTICATED,
    outcome: 'not-applied',
  })
})

describe('a reply that is lost after the operation was done', () => {
  async function losing(idempotent: boolean) {
    const { A, B } = await servers('A', 'B')
    const proxy = await proxyTo(A)
    const ours = client(roundRobin([proxy.target, B.target], { idempotent }).channel())
    await ask(ours, 'who')
    await proxy.dropReply('order-1')
    const executed = async () => [...(await A.ledger()), ...(await B.ledger())]
    return { call: ask(ours, 'exec', { text: 'order-1' }), executed }
  }

  test('G6 not idempotent: executed once, and the outcome is unknown', async () => {
    const { call, executed } = await losing(false)
    await expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE, outcome: 'unknown' })
    expect(await executed()).toEqual(['order-1'])
  })

  test('idempotent: it succeeds on the next provider', async () => {
    const { call, executed } = await losing(true)
    expect((await call).provider).toBe('B')
    expect(await executed()).toEqual(['order-1', 'order-1'])
  })
})
