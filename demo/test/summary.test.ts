import { ClosedError, OutcomeUnknownError } from '@tourniquet/core'
import { expect, test } from 'vitest'
import { Calls, numbers } from '../src/calls.ts'
import { exitCodeOf } from '../src/ending.ts'
import type { Recovery } from '../src/recovery.ts'
import type { Kept } from '../src/side-summary.ts'
import { type Findings, summarize } from '../src/summary.ts'
import { tableOf } from '../src/table/table.ts'

/** Calls of which one was made, that A acknowledged. */
function oneCall(nextId = numbers()): Calls {
  const calls = new Calls(nextId)
  const call = calls.begin(false)
  calls.send(call, 'A')
  calls.succeed(call)
  return calls
}

/** A side with one call, unless said otherwise. */
function kept(part: Partial<Kept>): Kept {
  return {
    side: { standby: false },
    calls: oneCall(),
    moves: { reasons: ['lost', 'probe', 'lost'], connects: 4 },
    recoveries: { faults: [{ what: 'kill A', next: 'B', ms: 12 }], rehearsals: [], blackouts: [] },
    ...part,
  }
}

/** A show with one such side, and what A executed for it. */
function findings(part: Partial<Findings>, account: Partial<Kept> = {}): Findings {
  return {
    scenario: { name: 'core' },
    signal: new AbortController().signal,
    playedMs: 6_000,
    accounts: [kept(account)],
    executed: new Map([['A', ['1']]]),
    connectionsLeft: 0,
    ...part,
  }
}

test('is content with a show in which all went well', () => {
  const summary = summarize(findings({}))
  expect(summary.broken).toEqual([])
  expect(summary.gain).toBeUndefined()
  expect(summary.sides).toMatchObject([
    {
      calls: { made: 1, succeeded: 1, failed: 0, pending: 0 },
      executed: { A: 1 },
      failovers: 3,
      failoverReasons: { lost: 2, probe: 1 },
      connects: 4,
      recovery: { p50Ms: 12, maxMs: 12 },
    },
  ])
  expect(exitCodeOf(summary)).toBe(0)
})

test('counts failed calls by what their errors say', () => {
  const calls = new Calls()
  for (const error of [new OutcomeUnknownError('', { outcome: 'unknown' }), new ClosedError(''), new ClosedError('')])
    calls.fail(calls.begin(false), error)
  const [side] = summarize(findings({ executed: new Map() }, { calls })).sides
  expect(side?.failures).toEqual([
    { outcome: 'not-applied', code: 'TOURNIQUET_CLOSED', calls: 2 },
    { outcome: 'unknown', code: 'TOURNIQUET_OUTCOME_UNKNOWN', calls: 1 },
  ])
})

const slow = { what: 'freeze A', next: 'B', limit: { promise: 'G9', what: 'left within', ms: 400 } }
const pending = new Calls()
pending.begin(false)
const faults = (...list: Recovery[]) => ({ recoveries: { faults: list, rehearsals: [], blackouts: [] } })

test.each<[string, Partial<Findings>, Partial<Kept>]>([
  ['G6 broken: id 1 executed twice (on A, A)', { executed: new Map([['A', ['1', '1']]]) }, {}],
  ['G5 broken: 1 calls never settled: ids 1', { executed: new Map() }, { calls: pending }],
  ['G7 broken: 2 connections are open after close()', { connectionsLeft: 2 }, {}],
  ['G9 broken: freeze A: calls succeeded again after 4201 ms', {}, faults({ ...slow, ms: 4201 })],
  ['G9 broken: no call succeeded again after: freeze A', {}, faults(slow)],
  ['G8 broken: no call succeeded again after: kill A', {}, faults({ what: 'kill A' })],
  [
    'G8 broken: no call succeeded again after: kill B',
    {},
    { recoveries: { faults: [], rehearsals: [{ what: 'kill B' }], blackouts: [] } },
  ],
  [
    'G2 broken: 4 connections were made, for the first and 2',
    {},
    { moves: { reasons: ['lost', 'lost'], connects: 4 } },
  ],
  [
    'standby: G2 broken: 2 connections were made, for the first and 2',
    {},
    { side: { name: 'standby', standby: true }, moves: { reasons: ['lost', 'lost'], connects: 2 } },
  ],
])('says %s, and exits with 1', (complaint, part, account) => {
  const summary = summarize(findings(part, account))
  expect(summary.broken).toHaveLength(1)
  expect(summary.broken[0]).toContain(complaint)
  expect(tableOf(summary)).toContain(complaint)
  expect(exitCodeOf(summary)).toBe(1)
})

test('allows a promise about time three times its value, on a machine that may be busy', () => {
  expect(summarize(findings({}, faults({ ...slow, ms: 4200 }))).broken).toEqual([])
})

test('one that was ended early exits with 130, unless a promise broke', () => {
  const signal = AbortSignal.abort()
  expect(exitCodeOf(summarize(findings({ signal })))).toBe(130)
  expect(exitCodeOf(summarize(findings({ signal, connectionsLeft: 1 })))).toBe(1)
})

/** Two sides that shared the providers; the ids are 1 and 2. */
function bothSides(executed: string[]): Findings {
  const nextId = numbers()
  const plain = kept({
    side: { name: 'plain', standby: false },
    calls: oneCall(nextId),
    ...faults({ what: 'kill A', next: 'B', ms: 60, knownMs: 10 }, { ...slow, ms: 350, knownMs: 300 }),
  })
  const standby = kept({
    side: { name: 'standby', standby: true },
    calls: oneCall(nextId),
    moves: { reasons: ['lost', 'lost'], connects: 5 },
    ...faults({ what: 'kill A', next: 'B', ms: 15, knownMs: 10 }, { ...slow, ms: 400, knownMs: 380 }),
  })
  return findings({ accounts: [plain, standby], executed: new Map([['A', executed]]) })
}

test('sums up two sides, each with what was executed for it, and what standby gained once a loss was known', () => {
  const summary = summarize(bothSides(['1', '2']))
  expect(summary.broken).toEqual([])
  expect(summary.sides.map(({ executed }) => executed)).toEqual([{ A: 1 }, { A: 1 }])
  expect(summary.sides.map(({ sparesNotTaken }) => sparesNotTaken)).toEqual([0, 2])
  expect(summary.gain).toEqual({ ratios: [10, 2.5], median: 2.5 })
})

test('names the side on which a promise broke', () => {
  expect(summarize(bothSides(['1', '2', '2'])).broken).toEqual([
    'standby: G6 broken: id 2 executed twice (on A, A), and it is not idempotent',
  ])
})

test('has a column for each side', () => {
  const lines = tableOf(summarize(bothSides(['1', '2']))).split('\n')
  const [header = ''] = lines.filter((line) => line.includes('standby'))
  expect(header.trim().split(/ +/)).toEqual(['plain', 'standby'])
  expect(lines).toContainEqual(expect.stringMatching(/^ +kill A → B +60 ms +15 ms$/))
  expect(lines).toContainEqual(expect.stringMatching(/^ +freeze A → B +350 ms +400 ms +promised: left within 400 ms/))
  expect(lines).toContainEqual(expect.stringMatching(/^ +until it was found +300 ms +380 ms$/))
  expect(lines).toContainEqual(expect.stringMatching(/^ +connections made +4 +5 +.* spares not taken: 2$/))
})
