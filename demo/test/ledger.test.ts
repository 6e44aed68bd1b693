import { expect, test } from 'vitest'
import type { Call } from '../src/calls.ts'
import { audit, without } from '../src/ledger.ts'

/** A call that succeeded on A, unless said otherwise. */
function call(part: Partial<Call>): Call {
  return { id: '1', idempotent: false, startedAt: 0, endedAt: 1, sentTo: ['A'], sentAt: 0, state: 'succeeded', ...part }
}

const unknown = { state: 'failed', failure: { code: 'TOURNIQUET_OUTCOME_UNKNOWN', outcome: 'unknown' } } as const
const notApplied = { state: 'failed', failure: { code: 'TOURNIQUET_EXHAUSTED', outcome: 'not-applied' } } as const
const unsaid = { state: 'failed', failure: { code: 'ECONNRESET', outcome: 'unsaid' } } as const
const idempotent = { idempotent: true, sentTo: ['A', 'B'] }

/** Of id 1: how often each provider executed it. */
function ledgers(a: number, b: number): Map<string, string[]> {
  return new Map([
    ['A', Array<string>(a).fill('1')],
    ['B', Array<string>(b).fill('1')],
  ])
}

test.each([
  ['acknowledged, executed once', call({}), ledgers(1, 0)],
  ['outcome unknown, not executed', call(unknown), ledgers(0, 0)],
  ['outcome unknown, executed once', call(unknown), ledgers(1, 0)],
  ['not applied, not executed', call(notApplied), ledgers(0, 0)],
  ['idempotent, executed by both it was sent to', call(idempotent), ledgers(1, 1)],
  ['idempotent, outcome unknown, executed by both', call({ ...idempotent, ...unknown }), ledgers(1, 1)],
  ['pending, executed once', call({ state: 'pending' }), ledgers(1, 0)],
])('is content: %s', (_, made, executed) => {
  expect(audit([made], executed)).toMatchObject({ executedTwice: 0, broken: [] })
})

test.each([
  [call({}), ledgers(1, 1), 1, 'G6 broken: id 1 executed twice (on A, B), and it is not idempotent'],
  [call({}), ledgers(2, 1), 1, 'G6 broken: id 1 executed 3 times (on A, A, B), and it is not idempotent'],
  [call(unknown), ledgers(2, 0), 1, 'G6 broken: id 1 executed twice (on A, A), and it is not idempotent'],
  [call({ state: 'pending' }), ledgers(1, 1), 1, 'G6 broken: id 1 executed twice (on A, B), and it is not idempotent'],
  [call(notApplied), ledgers(0, 1), 0, "G6 broken: id 1 failed as 'not-applied', but was executed on B"],
  [
    call({ ...idempotent, ...notApplied }),
    ledgers(1, 0),
    0,
    "G6 broken: id 1 failed as 'not-applied', but was executed on A",
  ],
  [call(idempotent), ledgers(2, 1), 0, 'G6 broken: id 1 was sent 2 times, but executed 3 times (on A, A, B)'],
  [call({}), ledgers(0, 0), 0, 'ledger broken: id 1 was acknowledged by A, but never executed'],
  [call(idempotent), ledgers(0, 0), 0, 'ledger broken: id 1 was acknowledged by B, but never executed'],
  [call(unsaid), ledgers(0, 0), 0, 'G6 broken: id 1 failed with ECONNRESET, which says no outcome'],
  [call({ id: '2' }), new Map([['A', ['1', '2']]]), 0, 'ledger broken: id 1 was executed on A, but never called'],
])('complains: %#', (made, executed, executedTwice, complaint) => {
  expect(audit([made], executed)).toMatchObject({ executedTwice, broken: [complaint] })
})

test('counts the idempotent calls that were repeated', () => {
  expect(audit([call(idempotent)], ledgers(1, 1)).repeated).toBe(1)
})

test('a side answers for what it called, and for what nobody did', () => {
  const executed = new Map([['A', ['1', '2', '3']]])
  const others = [call({ id: '2' })]
  expect(audit([call({})], without(executed, others)).broken).toEqual([
    'ledger broken: id 3 was executed on A, but never called',
  ])
})
