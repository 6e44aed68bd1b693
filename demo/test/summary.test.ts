import { ClosedError, OutcomeUnknownError } from '@tourniquet/core'
import { expect, test } from 'vitest'
import { Calls } from '../src/calls.ts'
import { exitCodeOf, type Findings, summarize } from '../src/summary.ts'
import { tableOf } from '../src/table.ts'

/** A show with one call, id 1, that A acknowledged and executed, unless said otherwise. */
function findings(part: Partial<Findings>): Findings {
  const calls = new Calls()
  const call = calls.begin(false)
  call.sentTo.push('A')
  calls.succeed(call)
  return {
    scenario: { name: 'core' },
    signal: new AbortController().signal,
    playedMs: 6_000,
    calls,
    moves: { reasons: ['lost', 'probe', 'lost'], connects: 4 },
    recoveries: { faults: [{ what: 'kill A', next: 'B', ms: 12 }], blackouts: [] },
    executed: new Map([['A', ['1']]]),
    connectionsLeft: 0,
    ...part,
  }
}

test('is content with a show in which all went well', () => {
  const summary = summarize(findings({}))
  expect(summary).toMatchObject({
    calls: { made: 1, succeeded: 1, failed: 0, pending: 0 },
    executed: { A: 1 },
    failovers: 3,
    failoverReasons: { lost: 2, probe: 1 },
    recovery: { p50Ms: 12, maxMs: 12 },
    broken: [],
  })
  expect(exitCodeOf(summary)).toBe(0)
})

test('counts failed calls by what their errors say', () => {
  const calls = new Calls()
  for (const error of [new OutcomeUnknownError('', { outcome: 'unknown' }), new ClosedError(''), new ClosedError('')])
    calls.fail(calls.begin(false), error)
  expect(summarize(findings({ calls, executed: new Map() })).failures).toEqual([
    { outcome: 'not-applied', code: 'TOURNIQUET_CLOSED', calls: 2 },
    { outcome: 'unknown', code: 'TOURNIQUET_OUTCOME_UNKNOWN', calls: 1 },
  ])
})

const slow = { what: 'freeze A', next: 'B', limit: { promise: 'G9', what: 'left within', ms: 400 } }
const pending = new Calls()
pending.begin(false)

test.each<[string, Partial<Findings>]>([
  ['G6 broken: id 1 executed twice (on A, A)', { executed: new Map([['A', ['1', '1']]]) }],
  ['G5 broken: 1 calls never settled: ids 1', { calls: pending, executed: new Map() }],
  ['G7 broken: 2 connections are open after close()', { connectionsLeft: 2 }],
  [
    'G9 broken: freeze A: calls succeeded again after 1201 ms',
    { recoveries: { faults: [{ ...slow, ms: 1201 }], blackouts: [] } },
  ],
  ['G9 broken: no call succeeded again after: freeze A', { recoveries: { faults: [slow], blackouts: [] } }],
  ['G8 broken: no call succeeded again after: kill A', { recoveries: { faults: [{ what: 'kill A' }], blackouts: [] } }],
])('says %s, and exits with 1', (complaint, part) => {
  const summary = summarize(findings(part))
  expect(summary.broken).toHaveLength(1)
  expect(summary.broken[0]).toContain(complaint)
  expect(tableOf(summary)).toContain(complaint)
  expect(exitCodeOf(summary)).toBe(1)
})

test('allows a promise about time three times its value, on a machine that may be busy', () => {
  expect(summarize(findings({ recoveries: { faults: [{ ...slow, ms: 1200 }], blackouts: [] } })).broken).toEqual([])
})

test('one that was ended early exits with 130, unless a promise broke', () => {
  const signal = AbortSignal.abort()
  expect(exitCodeOf(summarize(findings({ signal })))).toBe(130)
  expect(exitCodeOf(summarize(findings({ signal, connectionsLeft: 1 })))).toBe(1)
})
