import { expect, test } from 'vitest'
import { type LedgerReport, reportText } from './report.ts'

const report: LedgerReport = {
  name: 'x',
  seed: 42,
  replay: 'TOURNIQUET_SEED=42',
  writes: 10,
  acknowledged: 7,
  notApplied: 1,
  unknown: 2,
  untold: 0,
  pending: 0,
  lost: 0,
  doubled: 0,
  faults: { kill: 3, freeze: 2 },
  failovers: 4,
  durationMs: 1234,
  problems: [],
}

test('is one line where all is well', () => {
  expect(reportText(report)).toBe(
    'the ledger of x, seed 42: 10 writes in 1.2 s, 7 acknowledged, 1 not applied, 2 unknown; ' +
      '0 lost, 0 doubled, 0 pending; 4 failovers; faults: 3 kill, 2 freeze',
  )
})

test('else it names the first problems, and says how to replay', () => {
  const problems = Array.from({ length: 12 }, (_, at) => `problem ${at}`)
  const lines = reportText({ ...report, problems })
    .split('\n')
    .slice(1)
  expect(lines).toEqual([...problems.slice(0, 10), 'and 2 more', 'replay: TOURNIQUET_SEED=42'])
})
