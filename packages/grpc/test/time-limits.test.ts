import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { TimeoutError } from '@tourniquet/core'
import { waitFor } from '@tourniquet/testkit'
import { expect, test } from 'vitest'
import { GrpcConnector } from '../src/index.ts'
import { reply, serve } from './channel/local-server.ts'
import { ask, clientOn } from './provider-client.ts'
import { roundRobin, servers } from './servers.ts'

const failure = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('it succeeded'),
    (error: ServiceError) => error,
  )

/** What must have happened before a limit passes, though the machine stands still for a while. */
const PATIENT_MS = 2000

test('G5 attemptTimeoutMs on a server that is well: the call ends, and the provider stays', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target], { idempotent: true, attemptTimeoutMs: 100, probeTimeoutMs: 5000 })
  const error = await failure(ask(clientOn(rr.channel()), 'hang'))
  expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED, outcome: 'unknown' })
  expect(error.cause).toBeInstanceOf(TimeoutError)
  expect(rr.current).toBe(A.target)
})

test('G5 attemptTimeoutMs on a server that is frozen: the next one serves', async () => {
  const { A, B } = await servers('A', 'B')
  // The attempt on B has no longer than the one on A.
  const limits = { attemptTimeoutMs: PATIENT_MS, probeTimeoutMs: 100 }
  const rr = roundRobin([A.target, B.target], { idempotent: true, ...limits })
  const client = clientOn(rr.channel())
  await ask(client, 'who')
  await A.freeze()
  expect((await ask(client, 'who')).provider).toBe('B')
})

test('a stream that had been answered is not begun anew after attemptTimeoutMs', async () => {
  const { A, B } = await servers('A', 'B')
  const limits = { attemptTimeoutMs: PATIENT_MS, probeTimeoutMs: 100 }
  const rr = roundRobin([A.target, B.target], { idempotent: true, ...limits })
  const providers: string[] = []
  const numbers: number[] = []
  const error = await new Promise<ServiceError>((resolve) => {
    const call = clientOn(rr.channel()).count({ number: 1000, delayMs: 20 })
    call.on('data', ({ provider, number }) => {
      providers.push(provider)
      numbers.push(number)
      if (number === 1) void A.freeze()
    })
    call.on('error', (each) => resolve(each as ServiceError))
  })
  expect(error).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('is closed') })
  expect(numbers).toEqual(numbers.map((_, at) => at + 1))
  expect(providers).toEqual(numbers.map(() => 'A'))
  expect(rr.current).not.toBe(A.target)
})

test('G5 deadlineMs holds for the whole call, and is the status of its error', async () => {
  const { A } = await servers('A')
  const rr = roundRobin([A.target], { deadlineMs: 100 })
  await rr.connect({ deadlineMs: Number.POSITIVE_INFINITY }) // else the deadline may pass before anything was sent
  const error = await failure(ask(clientOn(rr.channel()), 'hang'))
  expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED, outcome: 'unknown' })
})

test('G9 a deadline that passes unanswered has the provider checked: a frozen one is left without a heartbeat', async () => {
  const { A, B } = await servers('A', 'B')
  const rr = roundRobin([A.target, B.target], { heartbeatMs: Number.POSITIVE_INFINITY, probeTimeoutMs: PATIENT_MS })
  const client = clientOn(rr.channel())
  await ask(client, 'who')
  const late = (method: 'hang' | 'who') =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + 100 }
      client[method]({}, new Metadata(), options, (error, reply) => (error ? reject(error) : resolve(reply)))
    })
  await expect(late('hang')).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  await ask(client, 'who')
  expect(rr.current).toBe(A.target) // it is well, and slow
  await A.freeze()
  await expect(late('who')).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  await waitFor(() => rr.current === undefined, { what: 'the frozen server to be left' })
  expect((await ask(client, 'who')).provider).toBe('B')
})

test('G9 calls that take all streams of a connection do not make its server seem frozen', async () => {
  const streams = { 'grpc.max_concurrent_streams': 100 }
  await using server = await serve({ Hang: () => {}, Who: (_, callback) => callback(null, reply()) }, streams)
  let passed = 0
  class Counting extends GrpcConnector {
    override async probe(...parameters: Parameters<GrpcConnector['probe']>): Promise<void> {
      await super.probe(...parameters)
      passed++
    }
  }
  const connector = new Counting({ credentials: credentials.createInsecure() })
  const rr = roundRobin([server.target], { connector, heartbeatMs: 50, probeTimeoutMs: 5000 })
  const failures: unknown[] = []
  rr.on('fail', ({ error }) => failures.push(error))
  const client = clientOn(rr.channel())
  await ask(client, 'who')
  const hanging = Array.from({ length: 150 }, () => ask(client, 'hang').catch(() => {}))
  await waitFor(() => failures.length > 0 || passed > 5, { what: 'some probes' })
  expect(failures).toEqual([])
  await rr.close({ drainMs: 0 })
  await Promise.all(hanging)
})
