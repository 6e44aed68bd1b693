import { expect, test } from 'vitest'
import type { Summary } from '../src/summary.ts'
import { runDemo } from './command.ts'

test('G5 G6 G7 G8 G9 --json sums up a show in which every promise was kept', async () => {
  const { code, stdout, stderr } = await runDemo(['--json', '--seconds', '6'])
  const summary = JSON.parse(stdout) as Summary
  expect(stderr).toBe('')
  expect(summary).toMatchObject({ scenario: 'core', interrupted: false, executedTwice: 0, broken: [] })
  expect(summary.calls.pending).toBe(0)
  expect(summary.calls.succeeded + summary.calls.failed).toBe(summary.calls.made)
  expect(summary.calls.succeeded).toBeGreaterThan(500)
  expect(summary.failovers).toBeGreaterThanOrEqual(3)
  expect(summary.recovery.faults).toHaveLength(4)
  expect(summary.blackouts).toHaveLength(1)
  const outcomes = new Set(summary.failures.map(({ outcome }) => outcome))
  expect(outcomes).toEqual(new Set(['not-applied', 'unknown']))
  expect(code).toBe(0)
})

test('without a terminal it prints plain lines: what was done to whom, who took over, and the table', async () => {
  const { code, stdout } = await runDemo(['core', '--seconds', '5'])
  for (const line of [/! kill [ABC]:/, /! freeze [ABC]:/, /! cut off [ABC]:/, /! reset [ABC]:/, /! kill A, B, C,/])
    expect(stdout).toMatch(line)
  for (const reason of ['lost', 'probe', 'manual'])
    expect(stdout).toMatch(new RegExp(`> failover . → . \\(${reason}\\)`))
  for (const row of ['calls made', 'succeeded', 'executed twice', 'failovers', 'from fault to next provider'])
    expect(stdout).toContain(`  ${row}  `)
  expect(stdout).toContain('Every promise was kept')
  expect(stdout).not.toContain('\x1b')
  expect(code).toBe(0)
})

test('a call that was executed twice is named, and the exit code is 1', async () => {
  const { code, stdout } = await runDemo(['--seconds', '5'], 'test/programs/lying.ts')
  expect(stdout).toMatch(/G6 broken: id \d+ executed twice \(on [ABC], [ABC]\)/)
  expect(stdout).not.toContain('Every promise was kept')
  expect(code).toBe(1)
})

test('Ctrl-C ends it in order, with the summary so far', async () => {
  const interrupt = (pid: number) => {
    // As under npm: once from the terminal, and once more handed on.
    for (const ms of [3_000, 3_010]) setTimeout(() => process.kill(pid, 'SIGINT'), ms)
  }
  const { code, stdout, stderr } = await runDemo(['--seconds', '60'], undefined, interrupt)
  expect(stdout).toContain('  executed twice  ')
  expect(stdout).toContain('Ended early. Every promise was kept')
  expect(stderr).toBe('')
  expect(code).toBe(130)
})
