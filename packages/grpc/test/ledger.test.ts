import { describeLedger } from '@tourniquet/testkit/conformance'
import { afterAll, beforeAll, expect } from 'vitest'
import { grpc, viaChannel } from './kind.ts'
import { whatIsLeft } from './what-is-left.ts'

let before: unknown
beforeAll(() => {
  before = whatIsLeft()
})

describeLedger(
  { ...grpc, name: 'rr.channel() of GrpcRoundRobin', via: viaChannel },
  // It takes 20 s; the limit is for a busy machine.
  { operations: 50_000, strikes: 50, limitMs: 240_000 },
)

// Of 50,000 calls, and of all connections and dials that were cut off meanwhile.
afterAll(() => {
  expect(whatIsLeft(), 'what is left after close').toEqual(before)
})
