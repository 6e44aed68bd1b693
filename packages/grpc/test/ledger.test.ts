import { isDeepStrictEqual } from 'node:util'
import { describeLedger } from '@tourniquet/testkit/conformance'
import { afterAll, beforeAll, expect } from 'vitest'
import { grpc, viaChannel } from './kind.ts'
import { whatIsLeft } from './what-is-left.ts'

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

let before: unknown
beforeAll(async () => {
  // The test runner's own, which it has now and then.
  while (process.getActiveResourcesInfo().includes('Timeout')) await turn()
  before = whatIsLeft()
})

describeLedger(
  { ...grpc, name: 'rr.channel() of GrpcRoundRobin', via: viaChannel },
  // It takes 20 s; the limit is for a busy machine.
  { operations: 50_000, strikes: 50, limitMs: 240_000 },
)

// Of 50,000 calls, and of all connections and dials that were cut off meanwhile.
afterAll(async () => {
  // Not `waitFor`, which has timers of its own.
  const end = performance.now() + 10_000
  while (!isDeepStrictEqual(whatIsLeft(), before) && performance.now() < end) await turn()
  expect(whatIsLeft(), 'what is left after close').toEqual(before)
})
