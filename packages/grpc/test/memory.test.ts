import { credentials } from '@grpc/grpc-js'
import { waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { clientOn } from './provider-client.ts'
import { proxyTo, roundRobin, servers } from './servers.ts'

const MESSAGE = 'x'.repeat(4096)

/** Writes to a client stream for as long as the writes are acknowledged. Resolves to how many bytes were. */
async function writeUntilHeld(
  call: ReturnType<ReturnType<typeof clientOn>['collect']>,
  quietMs: number,
): Promise<number> {
  let acknowledged = 0
  let lastAt = performance.now()
  const write = () => {
    call.write({ text: MESSAGE }, () => {
      acknowledged += MESSAGE.length
      lastAt = performance.now()
      if (acknowledged < 2 ** 24) write()
    })
  }
  write()
  await waitFor(() => performance.now() - lastAt > quietMs, { what: 'the writes to be held', timeoutMs: 20_000 })
  return acknowledged
}

test('what one call gets acknowledged while its server is frozen stays bounded', async () => {
  const { A } = await servers('A')
  const rr = roundRobin([A.target], { heartbeatMs: Number.POSITIVE_INFINITY })
  await rr.connect()
  await A.freeze()
  const call = clientOn(rr.channel()).collect(() => {})
  call.on('error', () => {})
  const acknowledged = await writeUntilHeld(call, 1000)
  // The window of an HTTP/2 stream, and what Node's stream keeps.
  expect(acknowledged).toBeLessThanOrEqual(128 * 1024)
  call.cancel()
  await A.thaw()
})

test('messages that are sent before there is a connection all arrive, in order', async () => {
  const { A } = await servers('A')
  const proxy = await proxyTo(A)
  await proxy.freeze()
  const rr = roundRobin([proxy.target])
  const ids = Array.from({ length: 500 }, (_, number) => `id-${number}`)
  const reply = new Promise((resolve, reject) => {
    const call = clientOn(rr.channel()).collect((error, value) => (error ? reject(error) : resolve(value)))
    for (const text of ids) call.write({ text })
    call.end()
  })
  await waitFor(() => proxy.accepted === 1, { what: 'the dial' })
  await proxy.pass()
  expect(await reply).toMatchObject({ number: ids.length, text: ids.join() })
  expect(await A.ledger()).toEqual(ids)
})

test('a call that has sent more than is kept is committed: its error is its own, and it is not sent again', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target], { idempotent: true, replayBufferBytes: 10_000 })
  const client = clientOn(rr.channel())
  const send = (bytes: number) =>
    new Promise((resolve, reject) => {
      const call = client.collect((error, value) => (error ? reject(error) : resolve(value?.provider)))
      call.write({ text: 'x'.repeat(bytes) }, async () => {
        await waitFor(async () => (await A.ledger()).length > 0, { what: 'A to have it' })
        await A.kill()
        call.end()
      })
    })
  await rr.connect()
  expect(await send(5000)).toBe('B')
  await A.restart()
  await rr.failover()
  expect(rr.current).toBe(A.target)
  await expect(send(20_000)).rejects.toMatchObject({ code: 14, details: expect.not.stringContaining('idempotent') })
})

test('what is kept is bounded for all calls of a channel together, and is given back', async () => {
  const { A, B } = await servers('A', 'B')
  const options = {
    idempotent: true,
    replayBufferBytes: { perChannel: 10_000 },
    heartbeatMs: 200,
    probeTimeoutMs: 1000,
  }
  const rr = roundRobin([A.target, B.target], { credentials: credentials.createInsecure(), ...options })
  const client = clientOn(rr.channel())
  const send = (text: string) =>
    new Promise<string | undefined>((resolve, reject) => {
      const call = client.collect((error, value) => (error ? reject(error) : resolve(value?.provider)))
      call.write({ text })
      call.end()
    })
  expect(await send('y'.repeat(8000))).toBe('A')
  await A.freeze() // each call before has given back what it kept: there is room for one, but not for two
  const ends = await Promise.allSettled([send('y'.repeat(8000)), send('y'.repeat(8000))])
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  await A.thaw()
})
